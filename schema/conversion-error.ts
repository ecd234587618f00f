import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";

/** Where in an item and in the target a conversion failed; each part is known at another level of the conversion. */
export interface ConversionPlace {
  readonly table?: string;
  readonly column?: string;
  /** Path of the attribute, as `formatPath` writes it. */
  readonly attribute?: string;
}

/**
 * One item that can't become a row, with what is at fault.
 *
 * `reason` and `message` name types, lengths and places, never a value: they may be logged, values may not.
 */
export class ConversionError extends MigrationError {
  /** What is wrong with the value, without the place. */
  readonly reason: string;
  readonly table?: string;
  readonly column?: string;
  readonly attribute?: string;

  constructor(code: ErrorCode, reason: string, place: ConversionPlace = {}) {
    super(code, describe(reason, place));
    this.reason = reason;
    if (place.table !== undefined) this.table = place.table;
    if (place.column !== undefined) this.column = place.column;
    if (place.attribute !== undefined) this.attribute = place.attribute;
  }

  /** The same fault, with `place` added; what is known already stays. */
  at(place: ConversionPlace): ConversionError {
    const known: { table?: string; column?: string; attribute?: string } = { ...place };
    if (this.table !== undefined) known.table = this.table;
    if (this.column !== undefined) known.column = this.column;
    if (this.attribute !== undefined) known.attribute = this.attribute;
    return new ConversionError(this.code, this.reason, known);
  }

  /** The same fault, found in an element of a list or set. */
  inElement(index: number): ConversionError {
    return new ConversionError(this.code, `element ${index}: ${this.reason}`, this);
  }
}

function describe(reason: string, place: ConversionPlace): string {
  const target =
    place.column === undefined
      ? place.table
      : place.table === undefined
        ? `column ${place.column}`
        : `${place.table}.${place.column}`;
  const source = place.attribute === undefined ? undefined : `attribute ${place.attribute}`;
  const where = [source, target].filter((part) => part !== undefined).join(" → ");
  return where === "" ? reason : `${where}: ${reason}`;
}
