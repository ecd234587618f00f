/// <reference lib="es2024.string" />

/** True if no surrogate stands alone, so that the text has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** True if `text` has more than `limit` Unicode characters (code points), which is what Spanner counts for STRING(n). */
export function hasMoreCharactersThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > limit * 2) return true;
  return countCharacters(text) > limit;
}

/** Number of Unicode characters (code points). */
export function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    // The second half of a surrogate pair adds no character; lone halves are refused elsewhere.
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count += 1;
  }
  return count;
}

/**
 * Order by code points, which is also the order of the UTF-8 bytes and so Spanner's order of STRING.
 * (JavaScript's `<` orders by UTF-16 units and puts U+1F600 before U+FF5E.)
 */
export function compareByCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for the characters from U+10000 on, behind U+E000 to U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
