/** Most characters of a number that a person still reads digit by digit: an INT64 with its sign has 20. */
const READABLE_CHARACTERS = 24;

/** A number's decimal text as reports show it: whole, or, where that is too long to read, about as large with an exponent. */
export function shortNumber(text: string): string {
  return text.length > READABLE_CHARACTERS ? `about ${Number(text).toExponential(3)}` : text;
}
