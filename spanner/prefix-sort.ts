/** Below this, comparing is quicker than preparing. */
const fewRows = 24;
/** Bytes of text that one pass takes into account, so that they and a row's number fit into a double exactly. */
const bytesAtOnce = 4;
const maxRows = 2 ** 21;
/** Keys that are equal so far are left to comparison. */
const maxDepth = 64;

/** Where the text of each row lies in `bytes`; a row without text has an empty one. */
export interface RowTexts {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Sorts the row numbers 0, 1, 2 … of `order` by the bytes of the rows' texts, at half of what comparing costs: four
 * bytes and the row's number make up a double, and doubles are sorted natively; where four bytes are equal, the next
 * four decide.
 *
 * @param compare the whole order, for texts that are equal so far; consistent with the order of the texts
 */
export function sortByTextPrefix(
  order: Uint32Array,
  texts: RowTexts,
  descending: boolean,
  compare: (a: number, b: number) => number,
): Uint32Array {
  if (order.length > maxRows) return order.sort(compare);
  const doubles = new Float64Array(order.length);

  const sortRange = (from: number, to: number, depth: number): void => {
    if (to - from < fewRows || depth >= maxDepth) {
      order.subarray(from, to).sort(compare);
      return;
    }
    for (let index = from; index < to; index++) {
      const row = order[index] ?? 0;
      const prefix = prefixOf(texts, row, depth);
      doubles[index] = (descending ? 0xffffffff - prefix : prefix) * maxRows + row;
    }
    doubles.subarray(from, to).sort();
    for (let index = from; index < to; index++) order[index] = rowOf(doubles[index] ?? 0);
    let runStart = from;
    for (let index = from + 1; index <= to; index++) {
      if (index < to && prefixIn(doubles[index] ?? 0) === prefixIn(doubles[runStart] ?? 0)) continue;
      // This overwrites the doubles of the run only, which are not looked at again.
      if (index - runStart > 1) sortRange(runStart, index, depth + bytesAtOnce);
      runStart = index;
    }
  };

  sortRange(0, order.length, 0);
  return order;
}

function prefixIn(double: number): number {
  return Math.floor(double / maxRows);
}

function rowOf(double: number): number {
  return double - prefixIn(double) * maxRows;
}

function prefixOf({ bytes, starts, ends }: RowTexts, row: number, depth: number): number {
  const start = (starts[row] ?? 0) + depth;
  const end = ends[row] ?? 0;
  let prefix = 0;
  for (let at = start; at < start + bytesAtOnce; at++) prefix = prefix * 256 + (at < end ? (bytes[at] ?? 0) : 0);
  return prefix;
}
