import { MAX_BYTES_LENGTH, MAX_STRING_LENGTH, type ScalarType } from "../schema/column-type";
import type { SpanRowEncoder } from "../spanner/span-row-encoder";
import { Tag } from "./attribute-tag";
import { base64Length } from "./base64-span";
import { decimalShape } from "./decimal-span";
import type { SpanEncoder } from "./span-encoder";

type SizedType = Extract<ScalarType, { kind: "STRING" | "BYTES" }>;

const BACKSLASH = 0x5c;
const TRUE = 0x74;

/** As `compileStringConverter`: a String as it is, a Number as its plain text. The block has been found to be UTF-8. */
export function compileStringEncoder(type: SizedType): SpanEncoder {
  const limit = type.length === "MAX" ? MAX_STRING_LENGTH : type.length;

  return function encodeString(rows, bytes, tag, start, end) {
    if (tag === Tag.escapedString) return encodeEscaped(rows, bytes, start, end, limit);
    if (tag !== Tag.string && (tag !== Tag.number || decimalShape(bytes, start, end) === -1)) return false;
    if (end - start > limit && countCharacters(bytes, start, end) > limit) return false;
    rows.textSpan(bytes, start, end);
    return true;
  };
}

/** What stands behind a backslash, and what is meant; 0 for all else. `\u` is left to the slow path. */
const escapes = new Uint8Array(256);
for (const letter of '"\\/bfnrt') escapes[letter.charCodeAt(0)] = JSON.parse(`"\\${letter}"`).charCodeAt(0);

/** Never longer than it was written. */
function encodeEscaped(rows: SpanRowEncoder, bytes: Buffer, start: number, end: number, limit: number): boolean {
  const first = rows.reserveText(end - start);
  const { target } = rows;
  let to = first;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte !== BACKSLASH) target[to++] = byte;
    else {
      const meant = escapes[bytes[++at] as number] as number;
      if (meant === 0) return false;
      target[to++] = meant;
    }
  }
  if (to - first > limit && countCharacters(target, first, to) > limit) return false;
  rows.endText(first, to);
  return true;
}

/** Characters (code points) of UTF-8 text: its bytes without those that continue a character. */
function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (((bytes[at] as number) & 0xc0) !== 0x80) count++;
  }
  return count;
}

/** As `compileBytesConverter`. */
export function compileBytesEncoder(type: SizedType, isPostgresql: boolean): SpanEncoder {
  const limit = type.length === "MAX" || isPostgresql ? MAX_BYTES_LENGTH : type.length;

  return function encodeBytes(rows, bytes, tag, start, end) {
    if (tag !== Tag.binary) return false;
    const length = base64Length(bytes, start, end);
    if (length === -1 || length > limit) return false;
    rows.textSpan(bytes, start, end);
    return true;
  };
}

/** As `compileBoolConverter`, without its Strings. */
export const encodeBool: SpanEncoder = (rows, bytes, tag, start) => {
  if (tag !== Tag.bool) return false;
  rows.bool(bytes[start] === TRUE);
  return true;
};
