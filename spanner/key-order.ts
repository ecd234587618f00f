import type { ColumnType } from "../schema/column-type";
import { contentStart, type EncodedRows, elementEnd, tag } from "./encoded-rows";
import { type RowTexts, sortByTextPrefix } from "./prefix-sort";
import { compareBase64, compareBytes, compareDecimals, type SpanComparison } from "./span-comparison";
import { readVarint, skipVarint } from "./varint";

/** One column of a primary key, as far as its order goes. */
export interface KeyPart {
  readonly type: ColumnType;
  readonly descending: boolean;
}

/**
 * The order in which Spanner stores the rows, as indexes into `rows`. Rows with equal keys keep their order.
 *
 * A commit whose rows lie close together touches few splits (https://cloud.google.com/spanner/docs/bulk-loading). That
 * is all it is for: a value in an unusual spelling may come out of order without harm.
 */
export function sortByKey(rows: EncodedRows, key: readonly KeyPart[]): Uint32Array {
  const order = new Uint32Array(rows.count);
  const starts = new Uint32Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    order[row] = row;
    starts[row] = contentStart(rows, row);
  }
  const [first] = key;
  if (first === undefined) return order;
  const compare = keyComparison(rows.bytes, starts, key);
  return first.type.kind === "STRING" || first.type.kind === "DATE"
    ? sortByTextPrefix(order, textsAt(rows.bytes, starts), first.descending, compare)
    : order.sort(compare);
}

/** Compares two rows by number; rows with equal keys are in the order of their numbers. */
function keyComparison(bytes: Buffer, starts: Uint32Array, key: readonly KeyPart[]): (a: number, b: number) => number {
  const comparisons = key.map(({ type, descending }) => elementComparison(type, descending));
  return (a, b) => {
    let left = starts[a] ?? 0;
    let right = starts[b] ?? 0;
    for (const compare of comparisons) {
      const result = compare(bytes, left, right);
      if (result !== 0) return result;
      left = elementEnd(bytes, left);
      right = elementEnd(bytes, right);
    }
    return a - b;
  };
}

/** The texts that lie at the given positions; a NULL has none. */
function textsAt(bytes: Buffer, elements: Uint32Array): RowTexts {
  const starts = new Uint32Array(elements.length);
  const ends = new Uint32Array(elements.length);
  for (let row = 0; row < elements.length; row++) {
    const value = skipVarint(bytes, (elements[row] ?? 0) + 1);
    if (bytes[value] !== tag.stringValue) continue;
    const start = skipVarint(bytes, value + 1);
    starts[row] = start;
    ends[row] = start + readVarint(bytes, value + 1);
  }
  return { bytes, starts, ends };
}

/** Compares two elements by their positions in `bytes`. NULL comes before every value, or after it where descending. */
function elementComparison(type: ColumnType, descending: boolean) {
  const compare = valueComparison(type);
  return (bytes: Buffer, leftElement: number, rightElement: number): number => {
    const left = skipVarint(bytes, leftElement + 1);
    const right = skipVarint(bytes, rightElement + 1);
    const leftNull = bytes[left] === tag.nullValue;
    const rightNull = bytes[right] === tag.nullValue;
    const result = leftNull || rightNull ? Number(rightNull) - Number(leftNull) : compare(bytes, left, right);
    return descending ? -result : result;
  };
}

/** Compares two values, neither of them NULL, by the positions of their tags. */
function valueComparison(type: ColumnType): (bytes: Buffer, left: number, right: number) => number {
  if (type.kind === "BOOL") return (bytes, left, right) => (bytes[left + 1] ?? 0) - (bytes[right + 1] ?? 0);
  if (type.kind === "FLOAT64" || type.kind === "FLOAT32") return compareFloats;
  const compareText = textComparison(type);
  return (bytes, left, right) => {
    const leftText = skipVarint(bytes, left + 1);
    const rightText = skipVarint(bytes, right + 1);
    const leftEnd = leftText + readVarint(bytes, left + 1);
    const rightEnd = rightText + readVarint(bytes, right + 1);
    return compareText(bytes, leftText, leftEnd, rightText, rightEnd);
  };
}

function textComparison(type: ColumnType): SpanComparison {
  switch (type.kind) {
    case "INT64":
    case "NUMERIC":
      return compareDecimals;
    case "BYTES":
      return compareBase64;
    case "TIMESTAMP":
      return compareTimestamps;
    default:
      return compareBytes;
  }
}

/** Without the final `Z`, which would come after the point of a fraction. */
function compareTimestamps(bytes: Uint8Array, left: number, leftEnd: number, right: number, rightEnd: number): number {
  return compareBytes(bytes, left, leftEnd - 1, right, rightEnd - 1);
}

/** NaN comes first (https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#orderable_floating_points). */
function compareFloats(bytes: Buffer, left: number, right: number): number {
  const leftNumber = readFloat(bytes, left);
  const rightNumber = readFloat(bytes, right);
  if (Number.isNaN(leftNumber) || Number.isNaN(rightNumber)) {
    return Number(Number.isNaN(rightNumber)) - Number(Number.isNaN(leftNumber));
  }
  return leftNumber < rightNumber ? -1 : Number(leftNumber > rightNumber);
}

function readFloat(bytes: Buffer, value: number): number {
  if (bytes[value] === tag.numberValue) return bytes.readDoubleLE(value + 1);
  const start = skipVarint(bytes, value + 1);
  return Number(bytes.toString("latin1", start, start + readVarint(bytes, value + 1)));
}
