import type { AttributeValue } from "../attribute-value";
import { type ColumnType, type Dialect, formatColumnType, parseColumnType } from "../column-type";
import { ConversionError } from "../conversion-error";
import { compileValueConverter } from "../convert-value";
import type { EpochUnit } from "../migration-plan";
import type { ValueConverter } from "../value-converter";

/** A column type that a profile may propose. */
export interface CandidateType {
  /** How proposals and reports refer to it. */
  readonly name: string;
  readonly type: ColumnType;
  readonly epoch?: EpochUnit;
}

const SCALARS = ["BOOL", "DATE", "TIMESTAMP", "INT64", "NUMERIC", "FLOAT64", "STRING(MAX)", "BYTES(MAX)", "JSON"];
const EPOCH_UNITS = ["seconds", "milliseconds"] as const;

/** In this order they are the bits of a {@link CandidateCheck}'s result. */
export const candidateTypes: readonly CandidateType[] = [
  ...SCALARS.map((text) => candidate(text)),
  ...EPOCH_UNITS.map((epoch) => ({ ...candidate("TIMESTAMP"), name: `TIMESTAMP of ${epoch}`, epoch })),
  ...SCALARS.filter((text) => text !== "JSON").map((text) => candidate(`ARRAY<${text}>`)),
];

function candidate(text: string): CandidateType {
  const type = parseColumnType(text);
  return { name: formatColumnType(type), type };
}

/** All candidates, before any value was seen. */
export const ALL_CANDIDATES = 2 ** candidateTypes.length - 1;

/** Of the candidates in `remaining` (a bit each) those that take this value, exactly. */
export type CandidateCheck = (value: AttributeValue, remaining: number) => number;

/**
 * Tries values with the converters that the load uses, so that what is left takes every value that was seen. A candidate
 * that has refused a value is never tried again, so that errors stay few.
 */
export function compileCandidateCheck(dialect: Dialect): CandidateCheck {
  const converters = candidateTypes.map(({ type, epoch }) =>
    compileValueConverter(type, { lossy: false, dialect, ...(epoch === undefined ? {} : { epoch }) }),
  );
  const json = 1 << candidateTypes.findIndex(({ name }) => name === "JSON");
  return function check(value, remaining) {
    const kept = dialect === "googlesql" && isScalar(value) ? remaining & json : 0;
    let left = remaining & ~kept;
    for (const [index, convert] of converters.entries()) {
      const bit = 1 << index;
      if ((left & bit) !== 0 && !accepts(convert, value)) left &= ~bit;
    }
    return left | kept;
  };
}

/** Scalars of an item's size always fit into JSON in GoogleSQL: making their documents to see it would be in vain. */
function isScalar(value: AttributeValue): boolean {
  return value.M === undefined && value.L === undefined && value.SS === undefined;
}

function accepts(convert: ValueConverter, value: AttributeValue): boolean {
  try {
    convert(value);
    return true;
  } catch (error) {
    if (error instanceof ConversionError) return false;
    throw error;
  }
}

/** The names of the candidates whose bits are set. */
export function candidateNames(remaining: number): ReadonlySet<string> {
  return new Set(candidateTypes.filter((_, index) => (remaining & (1 << index)) !== 0).map(({ name }) => name));
}

/** Whether the bit of the candidate of that name is set. */
export function isCandidate(name: string, remaining: number): boolean {
  return candidateTypes.some((each, index) => each.name === name && (remaining & (1 << index)) !== 0);
}

/** The candidate of that name. */
export function candidateNamed(name: string): CandidateType {
  const found = candidateTypes.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`${name} is no candidate`);
  return found;
}
