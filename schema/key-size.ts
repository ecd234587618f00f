import { base64ByteLength } from "./base64-text";
import type { ColumnType } from "./column-type";
import type { WireValue } from "./wire-value";

/** Longest primary key, all columns together (https://cloud.google.com/spanner/quotas, "Tables"). */
export const MAX_KEY_SIZE = 8192;

/**
 * Bytes that each type takes in a key; for NUMERIC the most that it can
 * (https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#storage_size_for_data_types).
 */
const FIXED_SIZES: Readonly<Record<Exclude<ColumnType["kind"], "STRING" | "BYTES">, number>> = {
  INT64: 8,
  FLOAT64: 8,
  FLOAT32: 4,
  NUMERIC: 22,
  BOOL: 1,
  DATE: 4,
  TIMESTAMP: 12,
  // Neither can be part of a key.
  JSON: 0,
  ARRAY: 0,
};

/** Bytes of one value of a primary key. */
export function keyPartSize(type: ColumnType, value: WireValue): number {
  if (typeof value === "string") {
    if (type.kind === "STRING") return Buffer.byteLength(value);
    if (type.kind === "BYTES") return base64ByteLength(value);
  }
  return type.kind === "STRING" || type.kind === "BYTES" ? 0 : FIXED_SIZES[type.kind];
}
