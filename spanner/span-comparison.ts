/** Compares the values that lie in `bytes` from `left` up to `leftEnd`, and from `right` up to `rightEnd`. */
export type SpanComparison = (
  bytes: Uint8Array,
  left: number,
  leftEnd: number,
  right: number,
  rightEnd: number,
) => number;

/** STRING and DATE: Spanner compares STRING by code point, which is the order of its UTF-8 bytes. */
export function compareBytes(
  bytes: Uint8Array,
  left: number,
  leftEnd: number,
  right: number,
  rightEnd: number,
): number {
  const shorter = Math.min(leftEnd - left, rightEnd - right);
  for (let index = 0; index < shorter; index++) {
    const difference = (bytes[left + index] ?? 0) - (bytes[right + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return leftEnd - left - (rightEnd - right);
}

const minus = 0x2d;
const point = 0x2e;

/** Decimal text without leading zeros or exponents. */
export function compareDecimals(
  bytes: Uint8Array,
  left: number,
  leftEnd: number,
  right: number,
  rightEnd: number,
): number {
  const leftNegative = bytes[left] === minus;
  const rightNegative = bytes[right] === minus;
  if (leftNegative !== rightNegative) return leftNegative ? -1 : 1;
  return leftNegative
    ? compareMagnitudes(bytes, right + 1, rightEnd, left + 1, leftEnd)
    : compareMagnitudes(bytes, left, leftEnd, right, rightEnd);
}

function compareMagnitudes(bytes: Uint8Array, left: number, leftEnd: number, right: number, rightEnd: number): number {
  const digits = integerEnd(bytes, left, leftEnd) - left - (integerEnd(bytes, right, rightEnd) - right);
  return digits || compareBytes(bytes, left, leftEnd, right, rightEnd);
}

function integerEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== point) at++;
  return at;
}

/** Value of each base64 character, plus one; 0 for the padding, which so comes first. */
const sextets = (() => {
  const values = new Uint8Array(256);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index + 1;
  return values;
})();

export function compareBase64(
  bytes: Uint8Array,
  left: number,
  leftEnd: number,
  right: number,
  rightEnd: number,
): number {
  const shorter = Math.min(leftEnd - left, rightEnd - right);
  for (let index = 0; index < shorter; index++) {
    const difference = (sextets[bytes[left + index] ?? 0] ?? 0) - (sextets[bytes[right + index] ?? 0] ?? 0);
    if (difference !== 0) return difference;
  }
  return leftEnd - left - (rightEnd - right);
}
