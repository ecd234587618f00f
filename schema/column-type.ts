import { MigrationError } from "../errors/migration-error";

/** SQL dialect of a Spanner database. */
export type Dialect = "googlesql" | "postgresql";

export type ScalarType =
  | { readonly kind: "STRING" | "BYTES"; readonly length: number | "MAX" }
  | { readonly kind: "INT64" | "FLOAT64" | "FLOAT32" | "NUMERIC" | "BOOL" | "DATE" | "TIMESTAMP" | "JSON" };

/** A column's type as the mapping names it (GoogleSQL names, whatever the dialect of the database). */
export type ColumnType = ScalarType | { readonly kind: "ARRAY"; readonly element: ScalarType };

/** Longest STRING in characters and BYTES in bytes (https://cloud.google.com/spanner/quotas, "Tables"). */
export const MAX_STRING_LENGTH = 2_621_440;
export const MAX_BYTES_LENGTH = 10_485_760;

const SIMPLE_KINDS = ["INT64", "FLOAT64", "FLOAT32", "NUMERIC", "BOOL", "DATE", "TIMESTAMP", "JSON"] as const;

/**
 * Reads `STRING(64)`, `STRING(MAX)`, `BYTES(n)`, `INT64`, …, `ARRAY<STRING(MAX)>`; case and blanks do not matter.
 * @throws MigrationError E_MAPPING_UNKNOWN_TYPE
 */
export function parseColumnType(text: string): ColumnType {
  const compact = text.replace(/\s+/g, "").toUpperCase();
  const array = /^ARRAY<(.+)>$/.exec(compact);
  if (array?.[1] !== undefined) return { kind: "ARRAY", element: parseScalarType(array[1], text) };
  return parseScalarType(compact, text);
}

function parseScalarType(compact: string, original: string): ScalarType {
  const simple = SIMPLE_KINDS.find((kind) => kind === compact);
  if (simple !== undefined) return { kind: simple };
  const sized = /^(STRING|BYTES)\((MAX|[1-9]\d*)\)$/.exec(compact);
  if (sized !== null) {
    const kind = sized[1] === "STRING" ? "STRING" : "BYTES";
    if (sized[2] === "MAX") return { kind, length: "MAX" };
    const length = Number(sized[2]);
    const limit = kind === "STRING" ? MAX_STRING_LENGTH : MAX_BYTES_LENGTH;
    if (length <= limit) return { kind, length };
    throw new MigrationError(
      "E_MAPPING_UNKNOWN_TYPE",
      `${original}: the length of ${kind} is at most ${limit}, or MAX`,
    );
  }
  throw new MigrationError(
    "E_MAPPING_UNKNOWN_TYPE",
    `"${original}" is no column type; use STRING(n|MAX), BYTES(n|MAX), ${SIMPLE_KINDS.join(", ")} or ARRAY<one of these>`,
  );
}

/** The type as GoogleSQL DDL and `information_schema.columns.spanner_type` spell it. */
export function formatColumnType(type: ColumnType): string {
  if (type.kind === "ARRAY") return `ARRAY<${formatColumnType(type.element)}>`;
  if (type.kind === "STRING" || type.kind === "BYTES") return `${type.kind}(${type.length})`;
  return type.kind;
}

const POSTGRESQL_NAMES = {
  INT64: "bigint",
  FLOAT64: "double precision",
  FLOAT32: "real",
  NUMERIC: "numeric",
  BOOL: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp with time zone",
  JSON: "jsonb",
} as const;

/**
 * The type as PostgreSQL-dialect DDL and `information_schema.columns.spanner_type` spell it.
 * BYTES has no length there (https://cloud.google.com/spanner/docs/reference/postgresql/data-types).
 */
export function formatPostgresqlType(type: ColumnType): string {
  if (type.kind === "ARRAY") return `${formatPostgresqlType(type.element)}[]`;
  if (type.kind === "STRING") return type.length === "MAX" ? "character varying" : `character varying(${type.length})`;
  if (type.kind === "BYTES") return "bytea";
  return POSTGRESQL_NAMES[type.kind];
}
