import type { ColumnType, Dialect } from "../schema/column-type";
import type { ColumnPlan } from "../schema/migration-plan";
import { compileArrayEncoder } from "./encode-array";
import { compileJsonEncoder } from "./encode-json";
import { compileTimestampEncoder, encodeDate } from "./encode-moment";
import { compileNumericEncoder, encodeFloat64, encodeInt64 } from "./encode-number";
import { compileBytesEncoder, compileStringEncoder, encodeBool } from "./encode-text";
import type { SpanEncoder } from "./span-encoder";

/**
 * The encoder of a column's values; undefined if its type is none that the scanner knows. `lossy` needs no attention:
 * the values that the scanner takes are exact.
 */
export function compileColumnEncoder(column: ColumnPlan, dialect: Dialect, isKey: boolean): SpanEncoder | undefined {
  const { type, epoch } = column;
  if (type.kind !== "ARRAY") return compileScalarEncoder(type, epoch, dialect, isKey);
  const encodeElement = compileScalarEncoder(type.element, epoch, dialect, false);
  return encodeElement === undefined ? undefined : compileArrayEncoder(encodeElement);
}

function compileScalarEncoder(
  type: Exclude<ColumnType, { kind: "ARRAY" }>,
  epoch: ColumnPlan["epoch"],
  dialect: Dialect,
  isKey: boolean,
): SpanEncoder | undefined {
  const isPostgresql = dialect === "postgresql";
  switch (type.kind) {
    case "STRING":
      return compileStringEncoder(type);
    case "BYTES":
      return compileBytesEncoder(type, isPostgresql);
    case "INT64":
      return encodeInt64;
    case "NUMERIC":
      return compileNumericEncoder(isPostgresql);
    case "FLOAT64":
      return encodeFloat64;
    case "BOOL":
      return encodeBool;
    case "DATE":
      return encodeDate;
    case "TIMESTAMP":
      return compileTimestampEncoder(epoch, isKey);
    case "JSON":
      return compileJsonEncoder(isPostgresql);
    case "FLOAT32":
      return undefined;
  }
}
