import { compareDecimals, type Decimal, magnitude, parseDecimal } from "./decimal";

/** Every decimal of at most 15 digits comes back from a double, and of at most 6 from a single (IEEE 754, C's DBL_DIG). */
const SAFE_DOUBLE_DIGITS = 15;
const SAFE_SINGLE_DIGITS = 6;
/** Within ± these magnitudes a double or single is normal, so that it has its full precision. */
const SAFE_DOUBLE_MAGNITUDE = 300;
const SAFE_SINGLE_MAGNITUDE = 37;
/** Nine digits tell every single from its neighbours. */
const MAX_SINGLE_DIGITS = 9;

/** The double nearest to the number; infinite if it is too large, 0 if it is too small (no DynamoDB Number is). */
export function nearestDouble(decimal: Decimal): number {
  return Number(decimalLiteral(decimal));
}

/**
 * The single (FLOAT32) nearest to the number; infinite if it is too large, 0 if it is too small.
 *
 * Rounding to a double first and then to a single goes wrong where the double lies exactly between two singles and the
 * number does not: then the number itself decides.
 */
export function nearestSingle(decimal: Decimal): number {
  const double = nearestDouble(decimal);
  const single = Math.fround(double);
  if (single === double || !Number.isFinite(single)) return single;
  const other = 2 * double - single;
  if (Math.fround(other) !== other) return single;
  const order = compareDecimals(decimal, exactDecimal(double));
  if (order === 0) return single;
  return order > 0 === other > single ? other : single;
}

/** True if the shortest text that stands for `double` is the number itself. */
export function doubleHolds(double: number, decimal: Decimal): boolean {
  const power = Math.abs(magnitude(decimal));
  if (decimal.digits.length <= SAFE_DOUBLE_DIGITS && power <= SAFE_DOUBLE_MAGNITUDE) return true;
  if (!Number.isFinite(double)) return false;
  return isSame(String(double), decimal);
}

/** True if the shortest text that stands for the single `single` is the number itself. */
export function singleHolds(single: number, decimal: Decimal): boolean {
  const digits = decimal.digits.length;
  if (digits <= SAFE_SINGLE_DIGITS && Math.abs(magnitude(decimal)) <= SAFE_SINGLE_MAGNITUDE) return true;
  if (digits > MAX_SINGLE_DIGITS || !Number.isFinite(single)) return false;
  return isSame(shortestSingleText(single), decimal);
}

/** The shortest decimal that rounds to this single and to no other. */
function shortestSingleText(single: number): string {
  for (let digits = 1; digits < MAX_SINGLE_DIGITS; digits += 1) {
    const text = single.toPrecision(digits);
    if (Math.fround(Number(text)) === single) return text;
  }
  return single.toPrecision(MAX_SINGLE_DIGITS);
}

function isSame(text: string, decimal: Decimal): boolean {
  const parsed = parseDecimal(text);
  return parsed !== undefined && compareDecimals(parsed, decimal) === 0;
}

/** With exponent, so that the text is short whatever the magnitude. */
function decimalLiteral({ negative, digits, exponent }: Decimal): string {
  return `${negative ? "-" : ""}${digits}e${exponent}`;
}

/** All digits of a finite double: each is an integer times a power of two, and so has a finite decimal expansion. */
function exactDecimal(double: number): Decimal {
  let scaled = Math.abs(double);
  let halvings = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    halvings += 1;
  }
  // scaled / 2^h = scaled × 5^h / 10^h
  const digits = (BigInt(scaled) * 5n ** BigInt(halvings)).toString();
  const text = `${double < 0 ? "-" : ""}${digits}e-${halvings}`;
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new TypeError(`${text} is no decimal`);
  return parsed;
}
