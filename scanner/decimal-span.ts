const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** DynamoDB's own limit; a number of more digits has zeros, or is none. */
const MAX_DIGITS = 38;
const MAX_INT64_DIGITS = "9223372036854775807";
const MIN_INT64_DIGITS = "9223372036854775808";

/**
 * Digits of a decimal number that lies in a line in the only form in which `formatDecimal` writes it (no plus, no
 * exponent, no superfluous zeros): those before the point times {@link SHAPE_FACTOR} and those behind it.
 *
 * @returns -1 if it has another form or more than 38 digits
 */
export function decimalShape(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const digits = negative ? start + 1 : start;
  const integerEnd = digitsEnd(bytes, digits, end);
  const integer = integerEnd - digits;
  if (integer === 0 || end - digits > MAX_DIGITS + 1) return -1;
  if (bytes[digits] === ZERO && (integer > 1 || (negative && integerEnd === end))) return -1;
  if (integerEnd === end) return integer > MAX_DIGITS ? -1 : integer * SHAPE_FACTOR;
  if (bytes[integerEnd] !== POINT) return -1;
  const fractionEnd = digitsEnd(bytes, integerEnd + 1, end);
  const fraction = fractionEnd - integerEnd - 1;
  if (fractionEnd !== end || fraction === 0 || bytes[end - 1] === ZERO) return -1;
  return integer * SHAPE_FACTOR + fraction;
}

export const SHAPE_FACTOR = 64;

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++;
  return at;
}

/** Whether an integer of this shape lies within INT64. */
export function isInt64(bytes: Uint8Array, start: number, shape: number): boolean {
  if (shape % SHAPE_FACTOR !== 0) return false;
  const integer = shape / SHAPE_FACTOR;
  if (integer !== MAX_INT64_DIGITS.length) return integer < MAX_INT64_DIGITS.length;
  const negative = bytes[start] === MINUS;
  const limit = negative ? MIN_INT64_DIGITS : MAX_INT64_DIGITS;
  const digits = negative ? start + 1 : start;
  for (let at = 0; at < limit.length; at++) {
    const difference = (bytes[digits + at] as number) - limit.charCodeAt(at);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** Every integer of so many digits is a double. */
const SAFE_DIGITS = 15;

/** Powers of ten that are doubles; no more are needed. */
const POWERS = Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * The double nearest to a number of this shape; NaN if it has more than 15 digits. A quotient of two doubles is rounded
 * once, so that it is the nearest (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
 */
export function shortDouble(bytes: Uint8Array, start: number, end: number, shape: number): number {
  const fraction = shape % SHAPE_FACTOR;
  if ((shape - fraction) / SHAPE_FACTOR + fraction > SAFE_DIGITS) return Number.NaN;
  const negative = bytes[start] === MINUS;
  let mantissa = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte !== POINT) mantissa = mantissa * 10 + byte - ZERO;
  }
  const value = mantissa / (POWERS[fraction] as number);
  return negative ? -value : value;
}

/** Below this a double's text has an exponent (ECMA-262, Number::toString). */
const ZEROS_BEFORE_EXPONENT = 6;

/**
 * Whether a JSON document keeps a number of this shape with this very text: `jsonNumber` gives nothing else for it.
 */
export function isPlainJsonNumber(bytes: Uint8Array, start: number, shape: number): boolean {
  const fraction = shape % SHAPE_FACTOR;
  const integer = (shape - fraction) / SHAPE_FACTOR;
  if (fraction === 0) return integer < MAX_INT64_DIGITS.length;
  if (integer + fraction > SAFE_DIGITS) return false;
  const digits = bytes[start] === MINUS ? start + 1 : start;
  if (bytes[digits] !== ZERO || fraction <= ZEROS_BEFORE_EXPONENT) return true;
  for (let at = digits + 2; at < digits + 2 + ZEROS_BEFORE_EXPONENT; at++) {
    if (bytes[at] !== ZERO) return true;
  }
  return false;
}
