/**
 * Base-128 varints as protocol buffers use them for tags and lengths (https://protobuf.dev/programming-guides/encoding).
 * Values are lengths of at most 2^31 - 1.
 */

/** Bytes that `value` takes. */
export function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Writes `value` at `position`; the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = value;
  let at = position;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Reads the varint at `position`, which ends within `bytes`. */
export function readVarint(bytes: Uint8Array, position: number): number {
  let value = 0;
  let factor = 1;
  for (let at = position; ; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 0x80;
  }
}

/** The position after the varint at `position`. */
export function skipVarint(bytes: Uint8Array, position: number): number {
  let at = position;
  while ((bytes[at] ?? 0) > 0x7f) at++;
  return at + 1;
}
