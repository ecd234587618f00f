import { compareBase64, compareBytes, compareDecimals, type SpanComparison } from "../spanner/span-comparison";
import { Tag } from "./attribute-tag";
import { base64Length } from "./base64-span";
import { decimalShape } from "./decimal-span";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Larger sets are left to the slow path, which sorts better than this. */
const MAX_ELEMENTS = 64;

/** The elements of a set in a line, in the order in which they are written: text by bytes, numbers by value. */
export class SetSpans {
  count = 0;
  readonly starts = new Int32Array(MAX_ELEMENTS);
  readonly ends = new Int32Array(MAX_ELEMENTS);

  /**
   * Finds and sorts the elements of the set at `at`.
   *
   * @returns the position behind the set; 0 if it is empty, holds one value twice, or anything unusual
   */
  read(bytes: Uint8Array, tag: Tag, at: number): number {
    this.count = 0;
    if (bytes[at] !== OPEN_BRACKET) return 0;
    const compare = comparisonOf(tag);
    let position = at + 1;
    for (;;) {
      if (bytes[position] !== QUOTE) return 0;
      const start = position + 1;
      const end = textEnd(bytes, start);
      if (end === 0 || !isElement(bytes, tag, start, end) || !this.insert(bytes, compare, start, end)) return 0;
      const byte = bytes[end + 1];
      if (byte === CLOSE_BRACKET) return end + 2;
      if (byte !== COMMA) return 0;
      position = end + 2;
    }
  }

  /** False if the value is there already, or there is no room. */
  private insert(bytes: Uint8Array, compare: SpanComparison, start: number, end: number): boolean {
    const { starts, ends } = this;
    if (this.count === MAX_ELEMENTS) return false;
    let place = this.count;
    while (place > 0) {
      const order = compare(bytes, starts[place - 1] as number, ends[place - 1] as number, start, end);
      if (order === 0) return false;
      if (order < 0) break;
      starts[place] = starts[place - 1] as number;
      ends[place] = ends[place - 1] as number;
      place--;
    }
    starts[place] = start;
    ends[place] = end;
    this.count++;
    return true;
  }
}

/** Numbers are in plain text and binaries in canonical base64: equal values are equal texts. */
function comparisonOf(tag: Tag): SpanComparison {
  if (tag === Tag.numberSet) return compareDecimals;
  return tag === Tag.binarySet ? compareBase64 : compareBytes;
}

function isElement(bytes: Uint8Array, tag: Tag, start: number, end: number): boolean {
  if (tag === Tag.numberSet) return decimalShape(bytes, start, end) !== -1;
  return tag !== Tag.binarySet || base64Length(bytes, start, end) !== -1;
}

/** Where the closing quote of an element without escapes stands; 0 if it has any, or the line ends before it. */
function textEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  let byte = bytes[at] as number;
  while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++at] as number;
  return byte === QUOTE ? at : 0;
}
