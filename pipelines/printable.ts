/**
 * Text of the user's data (names, keys, examples) for a terminal or a page: control characters would be commands to the
 * terminal, and marks of direction would show what follows in another order, so both are written as `\u001b`. The joiner
 * of emoji stays.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return character === "\u200d" ? character : `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`;
  });
}
