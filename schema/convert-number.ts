import type { AttributeValue } from "./attribute-value";
import { type ColumnType, formatColumnType } from "./column-type";
import { ConversionError } from "./conversion-error";
import {
  type Decimal,
  formatDecimal,
  isInteger,
  isShortInteger,
  isZero,
  magnitude,
  parseDecimal,
  roundDecimal,
  toBigInt,
} from "./decimal";
import { doubleHolds, nearestDouble, nearestSingle, singleHolds } from "./double";
import { type ConversionOptions, refuseLoss, refuseRange, refuseType, type ValueConverter } from "./value-converter";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_INT64_MAGNITUDE = 18;

/** NUMERIC of GoogleSQL (https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#decimal_type). */
const NUMERIC_INTEGER_DIGITS = 29;
const NUMERIC_FRACTION_DIGITS = 9;
/** `numeric` of the PostgreSQL dialect (https://cloud.google.com/spanner/docs/storing-numeric-data). */
const PG_NUMERIC_INTEGER_DIGITS = 131_072;
const PG_NUMERIC_FRACTION_DIGITS = 16_383;

/** A String becomes a number only in this form: no plus, no exponent, no leading zeros, no blanks, no `-0`. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const NEGATIVE_ZERO = /^-0(?:\.0+)?$/;

/** The text of a Number, or of a String that is a plainly written number; undefined for Null. */
function numberText(value: AttributeValue, type: ColumnType): string | undefined {
  if (value.N !== undefined) return value.N;
  if (value.NULL !== undefined) return undefined;
  if (value.S === undefined) throw refuseType(value, type);
  if (PLAIN_NUMBER.test(value.S) && !NEGATIVE_ZERO.test(value.S)) return value.S;
  throw new ConversionError(
    "E_CONVERSION_NOT_A_NUMBER",
    `the text is no plain decimal number, as ${formatColumnType(type)} needs`,
  );
}

function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw new ConversionError("E_ITEM_NOT_A_NUMBER", "the Number (N) is not a decimal number");
  return decimal;
}

/** To INT64, as decimal text. `lossy` rounds to the nearest integer, halves away from zero. */
export function compileInt64Converter(type: ColumnType, { lossy }: ConversionOptions): ValueConverter {
  return function toInt64(value) {
    const text = numberText(value, type);
    if (text === undefined) return null;
    if (isShortInteger(text)) return text;
    let decimal = decimalOf(text);
    if (!isInteger(decimal)) {
      if (!lossy) throw refuseLoss(type, "it has a fraction");
      decimal = roundDecimal(decimal, 0);
    }
    // The comparison of magnitudes keeps the integer short enough to be made.
    if (magnitude(decimal) > MAX_INT64_MAGNITUDE) throw refuseInt64(type);
    const integer = toBigInt(decimal);
    if (integer < MIN_INT64 || integer > MAX_INT64) throw refuseInt64(type);
    return integer.toString();
  };
}

function refuseInt64(type: ColumnType): ConversionError {
  return refuseRange(type, `${MIN_INT64} to ${MAX_INT64}`);
}

/** To NUMERIC, as plain decimal text. `lossy` rounds to the last digit behind the point, halves away from zero. */
export function compileNumericConverter(type: ColumnType, { lossy, dialect }: ConversionOptions): ValueConverter {
  const integerDigits = dialect === "postgresql" ? PG_NUMERIC_INTEGER_DIGITS : NUMERIC_INTEGER_DIGITS;
  const fractionDigits = dialect === "postgresql" ? PG_NUMERIC_FRACTION_DIGITS : NUMERIC_FRACTION_DIGITS;

  return function toNumeric(value) {
    const text = numberText(value, type);
    if (text === undefined || isShortInteger(text)) return text ?? null;
    let decimal = decimalOf(text);
    if (-decimal.exponent > fractionDigits) {
      if (!lossy) throw refuseLoss(type, `it has more than ${fractionDigits} digits behind the point`);
      decimal = roundDecimal(decimal, fractionDigits);
    }
    if (magnitude(decimal) >= integerDigits) {
      throw refuseRange(type, `${integerDigits} digits before the point`);
    }
    return formatDecimal(decimal);
  };
}

/**
 * To FLOAT64: exact if the double's shortest text is the number itself, so that it reads back as it was.
 * `lossy` takes the nearest double.
 */
export function compileFloat64Converter(type: ColumnType, { lossy }: ConversionOptions): ValueConverter {
  return function toFloat64(value) {
    const text = numberText(value, type);
    if (text === undefined) return null;
    if (isShortInteger(text)) return Number(text);
    const decimal = decimalOf(text);
    const double = nearestDouble(decimal);
    checkFloatRange(double, decimal, type);
    if (!lossy && !doubleHolds(double, decimal)) throw refuseLoss(type, "it has more digits than a double keeps");
    return double;
  };
}

/** To FLOAT32: the same as FLOAT64 with the nearest single. */
export function compileFloat32Converter(type: ColumnType, { lossy }: ConversionOptions): ValueConverter {
  return function toFloat32(value) {
    const text = numberText(value, type);
    if (text === undefined) return null;
    const decimal = decimalOf(text);
    const single = nearestSingle(decimal);
    checkFloatRange(single, decimal, type);
    if (!lossy && !singleHolds(single, decimal)) throw refuseLoss(type, "it has more digits than a single keeps");
    return single;
  };
}

/** Infinity and a zero that was none are no rounding: they are refused even with `lossy`. */
function checkFloatRange(float: number, decimal: Decimal, type: ColumnType): void {
  if (!Number.isFinite(float)) throw refuseRange(type, "it would become infinite");
  if (float === 0 && !isZero(decimal)) throw refuseRange(type, "it would become 0");
}
