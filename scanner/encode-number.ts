import { Tag } from "./attribute-tag";
import { decimalShape, isInt64, SHAPE_FACTOR, shortDouble } from "./decimal-span";
import type { SpanEncoder } from "./span-encoder";

/** NUMERIC of GoogleSQL; the PostgreSQL dialect's holds every Number of DynamoDB. */
const NUMERIC_INTEGER_DIGITS = 29;
const NUMERIC_FRACTION_DIGITS = 9;

/** As `compileInt64Converter`, for integers in plain text. */
export const encodeInt64: SpanEncoder = (rows, bytes, tag, start, end) => {
  if (tag !== Tag.number) return false;
  const shape = decimalShape(bytes, start, end);
  if (shape === -1 || !isInt64(bytes, start, shape)) return false;
  rows.textSpan(bytes, start, end);
  return true;
};

/** As `compileNumericConverter`, for numbers in plain text. */
export function compileNumericEncoder(isPostgresql: boolean): SpanEncoder {
  return function encodeNumeric(rows, bytes, tag, start, end) {
    if (tag !== Tag.number) return false;
    const shape = decimalShape(bytes, start, end);
    if (shape === -1) return false;
    const fraction = shape % SHAPE_FACTOR;
    const fits = fraction <= NUMERIC_FRACTION_DIGITS && (shape - fraction) / SHAPE_FACTOR <= NUMERIC_INTEGER_DIGITS;
    if (!fits && !isPostgresql) return false;
    rows.textSpan(bytes, start, end);
    return true;
  };
}

/** As `compileFloat64Converter`, for numbers of at most 15 digits. */
export const encodeFloat64: SpanEncoder = (rows, bytes, tag, start, end) => {
  if (tag !== Tag.number) return false;
  const shape = decimalShape(bytes, start, end);
  if (shape === -1) return false;
  const double = shortDouble(bytes, start, end, shape);
  if (Number.isNaN(double)) return false;
  rows.number(double);
  return true;
};
