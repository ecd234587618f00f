/**
 * An exact decimal number: `digits` × 10^`exponent`, negative or not. There is one form for each number: `digits` has
 * neither leading nor trailing zeros, and zero is `{ negative: false, digits: "0", exponent: 0 }`.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { negative: false, digits: "0", exponent: 0 };

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,5}))?$/;
const CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/**
 * Reads a decimal number, with sign, fraction and exponent or without.
 * @returns undefined if `text` is no number (`NaN`, `Infinity`, blanks, `.5`, `5.`, hexadecimal …)
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = "", integer = "", fraction = "", power = "0"] = match;
  return makeDecimal(sign === "-", integer + fraction, Number(power) - fraction.length);
}

/** Normalises `digits` × 10^`exponent`. */
export function makeDecimal(negative: boolean, digits: string, exponent: number): Decimal {
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 0x30) start += 1;
  if (start === digits.length) return ZERO;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return { negative, digits: digits.slice(start, end), exponent: exponent + digits.length - end };
}

/** The number as plain text: no exponent, no plus, no superfluous zeros. */
export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  const sign = negative ? "-" : "";
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  const point = digits.length + exponent;
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${sign}0.${"0".repeat(-point)}${digits}`;
}

/** True for `0`, `-12`, `3.25`: the text that `formatDecimal` would give. (`-0` is no such text: zero has no sign.) */
export function isCanonicalDecimal(text: string): boolean {
  return CANONICAL.test(text) && text !== "-0";
}

/**
 * The plain text of the number that `text` stands for; `text` itself if it is that already.
 * @returns undefined if `text` is no number
 */
export function canonicalDecimalText(text: string): string | undefined {
  if (isShortInteger(text) || isCanonicalDecimal(text)) return text;
  const decimal = parseDecimal(text);
  return decimal === undefined ? undefined : formatDecimal(decimal);
}

/**
 * True for plain integers of at most 15 digits, the common case on the path of every item: such a text is canonical,
 * lies within INT64, and a double holds its value exactly.
 */
export function isShortInteger(text: string): boolean {
  const length = text.length;
  let at = 0;
  if (text.charCodeAt(0) === 0x2d) {
    at = 1;
    if (length > 16) return false;
  } else if (length > 15) return false;
  const first = text.charCodeAt(at);
  if (first === 0x30) return length === 1;
  if (!(first >= 0x31 && first <= 0x39)) return false;
  for (at += 1; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x30 || unit > 0x39) return false;
  }
  return true;
}

export function isInteger(decimal: Decimal): boolean {
  return decimal.exponent >= 0;
}

export function isZero(decimal: Decimal): boolean {
  return decimal.digits === "0";
}

/** Position of the first significant digit: the number lies in [10^p, 10^(p+1)). */
export function magnitude(decimal: Decimal): number {
  return decimal.digits.length + decimal.exponent - 1;
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = isZero(a) ? 0 : a.negative ? -1 : 1;
  const signB = isZero(b) ? 0 : b.negative ? -1 : 1;
  if (signA !== signB || signA === 0) return signA - signB;
  return signA * compareMagnitudes(a, b);
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  const difference = magnitude(a) - magnitude(b);
  if (difference !== 0) return difference;
  // Both start at the same power of ten and have no trailing zeros, so the digits order them as text does.
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

/**
 * The nearest number with at most `places` digits behind the point; halves go away from zero, as Spanner's ROUND does.
 * A negative number of places rounds to tens, hundreds and so on.
 */
export function roundDecimal(decimal: Decimal, places: number): Decimal {
  const dropped = -decimal.exponent - places;
  if (dropped <= 0) return decimal;
  const keptLength = decimal.digits.length - dropped;
  if (keptLength < 0) return ZERO;
  const kept = decimal.digits.slice(0, keptLength);
  const roundUp = decimal.digits.charCodeAt(keptLength) >= 0x35;
  const rounded = roundUp ? (BigInt(kept === "" ? "0" : kept) + 1n).toString() : kept;
  return makeDecimal(decimal.negative, rounded, -places);
}

/** The number × 10^`power`. */
export function scaleDecimal(decimal: Decimal, power: number): Decimal {
  return isZero(decimal) ? decimal : { ...decimal, exponent: decimal.exponent + power };
}

/** The value of a decimal that is an integer (see `isInteger`). */
export function toBigInt(decimal: Decimal): bigint {
  const value = BigInt(decimal.digits) * 10n ** BigInt(decimal.exponent);
  return decimal.negative ? -value : value;
}
