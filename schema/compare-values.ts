import type { ColumnType, Dialect } from "./column-type";
import { canonicalJson } from "./compare-json";
import { formatTimestamp, parseTimestamp } from "./date-time";
import { canonicalDecimalText } from "./decimal";
import type { TablePlan } from "./migration-plan";
import type { WireValue } from "./wire-value";

/** A column whose value is not what the item says. */
export interface ColumnDifference {
  readonly column: string;
  readonly expected: WireValue;
  readonly found: WireValue;
}

/**
 * Compiles the comparison of rows of a table, value by value as the database holds them: doubles by their bits, numbers by
 * every digit, points in time by the nanosecond, JSON as documents, arrays in their order; NULL equals NULL only.
 * @param expected the values of all columns, as the conversion gives them
 * @param found the same columns, as Spanner sends them
 */
export function compileRowComparison(
  { columns }: TablePlan,
  dialect: Dialect,
): (expected: readonly WireValue[], found: readonly WireValue[]) => readonly ColumnDifference[] {
  return (expected, found) => {
    const differences: ColumnDifference[] = [];
    for (const [index, { name, type }] of columns.entries()) {
      const wanted = expected[index] ?? null;
      const there = found[index] ?? null;
      if (!sameValue(type, wanted, there, dialect)) {
        differences.push({ column: name, expected: wanted, found: there });
      }
    }
    return differences;
  };
}

/** True if the database holds one value, however the two are spelt. */
export function sameValue(type: ColumnType, left: WireValue, right: WireValue, dialect: Dialect): boolean {
  if (left === null || right === null) return left === right;
  if (type.kind === "ARRAY") {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => sameValue(type.element, element, right[index] ?? null, dialect));
  }
  if (left === right && type.kind !== "FLOAT64" && type.kind !== "FLOAT32") return true;
  return Object.is(canonicalScalar(type.kind, left, dialect), canonicalScalar(type.kind, right, dialect));
}

/** A value in the one form that all spellings of it share; what can't be read stays as it is, and equals itself only. */
function canonicalScalar(
  kind: Exclude<ColumnType["kind"], "ARRAY">,
  value: WireValue,
  dialect: Dialect,
): WireValue | undefined {
  switch (kind) {
    case "FLOAT64":
      return Number(value);
    case "FLOAT32":
      // A single travels as the double of the same value.
      return Math.fround(Number(value));
    case "INT64":
    case "NUMERIC":
      return canonicalDecimalText(String(value)) ?? value;
    case "TIMESTAMP": {
      const moment = typeof value === "string" ? parseTimestamp(value) : undefined;
      return moment === undefined ? value : formatTimestamp(moment);
    }
    case "BYTES":
      return String(value).replace(/=+$/, "");
    case "JSON":
      return typeof value === "string" ? (canonicalJson(value, dialect) ?? value) : value;
    default:
      return value;
  }
}
