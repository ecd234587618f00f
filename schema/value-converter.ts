import { type AttributeValue, tagName } from "./attribute-value";
import { type ColumnType, type Dialect, formatColumnType } from "./column-type";
import { ConversionError } from "./conversion-error";
import type { EpochUnit } from "./migration-plan";
import type { WireValue } from "./wire-value";

/** What a column's mapping says about the conversion of its values. */
export interface ConversionOptions {
  /** What a Number counts that goes into a DATE or TIMESTAMP. */
  readonly epoch?: EpochUnit;
  /** Permits rounding to the nearest value that the column can hold; never wrapping, never cutting text. */
  readonly lossy: boolean;
  /** Dialect of the database; googlesql unless given. */
  readonly dialect?: Dialect;
}

/**
 * From an attribute's value to the value that Spanner's API takes; Null gives null.
 * @throws ConversionError E_CONVERSION_… without a place, which the caller knows
 */
export type ValueConverter = (value: AttributeValue) => WireValue;

/** The error for a pair of types that does not convert, whatever the value. */
export function refuseType(value: AttributeValue, type: ColumnType): ConversionError {
  return new ConversionError("E_CONVERSION_TYPE", `a ${tagName(value)} does not go into ${formatColumnType(type)}`);
}

/** The error for a value that the column could hold only with a loss that nobody has permitted. */
export function refuseLoss(type: ColumnType, reason: string): ConversionError {
  return new ConversionError(
    "E_CONVERSION_INEXACT",
    `${formatColumnType(type)} can't hold the value exactly: ${reason}`,
  );
}

/** The error for a value beyond what the column can hold, which no rounding can mend. */
export function refuseRange(type: ColumnType, range: string): ConversionError {
  return new ConversionError("E_CONVERSION_OUT_OF_RANGE", `the value lies outside ${formatColumnType(type)}, ${range}`);
}
