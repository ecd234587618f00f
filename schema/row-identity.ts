import type { ScalarType } from "./column-type";
import type { MigrationPlan } from "./migration-plan";
import type { RowKey } from "./row-change";
import type { WireValue } from "./wire-value";

/**
 * Gives each row of a plan a text that is the same for the same row and for no other, whether its key's values come from
 * a converted item or were read from Spanner: Spanner may spell a value otherwise than it was written (a TIMESTAMP's
 * fraction, a NUMERIC's trailing zeros, a FLOAT64 as text).
 */
export function compileRowIdentity(plan: MigrationPlan): (table: number, key: RowKey) => string {
  const keyTypes = plan.tables.map((table) => table.columns.slice(0, table.keyLength).map((column) => column.type));
  return (table, key) => {
    const types = keyTypes[table];
    if (types === undefined || key.length > types.length) throw new RangeError(`no key of table number ${table}`);
    return `${table}:${JSON.stringify(key.map((value, index) => canonical(types[index]?.kind, value)))}`;
  };
}

function canonical(kind: ScalarType["kind"] | "ARRAY" | undefined, value: WireValue): WireValue {
  if (value === null) return null;
  switch (kind) {
    case "TIMESTAMP":
      return String(value).replace(/\.(\d*?)0*Z$/, (_match, digits: string) => (digits === "" ? "Z" : `.${digits}Z`));
    case "NUMERIC":
      return canonicalDecimal(String(value));
    case "INT64":
      return typeof value === "string" && /^[+-]?\d+$/.test(value) ? BigInt(value).toString() : value;
    case "FLOAT64":
    case "FLOAT32":
      // Spanner has one NaN and takes -0 for 0 in keys.
      return String(Object.is(value, -0) ? 0 : Number(value));
    case "BYTES":
      return String(value).replace(/=+$/, "");
    default:
      return value;
  }
}

/** Decimal text without superfluous zeros; an exponent (PostgreSQL's numeric may print none, Spanner may) is spelt out. */
function canonicalDecimal(text: string): string {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const significant = digits.replace(/^0+/, "").replace(/0+$/, "");
  if (significant === "") return "0";
  const trailingZeros = digits.length - digits.replace(/0+$/, "").length;
  return `${sign}${significant}E${Number(exponent) - fraction.length + trailingZeros}`;
}
