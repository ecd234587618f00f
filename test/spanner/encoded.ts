import { protos } from "@google-cloud/spanner";
import type { WireValue } from "../../schema/wire-value";
import type { EncodedRows } from "../../spanner/encoded-rows";
import { RowEncoder } from "../../spanner/row-encoder";

/** Rows with the lines 1, 2, 3 … */
export function encodeRows(rows: readonly (readonly WireValue[])[], keyLength = 1): EncodedRows {
  const encoder = new RowEncoder(keyLength);
  rows.forEach((row, index) => {
    encoder.appendRow(row, index + 1);
  });
  return encoder.finish();
}

type Value = protos.google.protobuf.IValue;

export function toProto(value: WireValue): Value {
  if (value === null) return { nullValue: "NULL_VALUE" };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return { numberValue: value };
  return { listValue: { values: value.map(toProto) } };
}

/** A request as the official definitions decode it, as plain data; unknown fields would be lost and so show. */
export function decodeRequest(request: Uint8Array): Record<string, unknown> {
  const { CommitRequest } = protos.google.spanner.v1;
  return CommitRequest.toObject(CommitRequest.decode(request), { bytes: String, longs: String, enums: String });
}

export function encodeWithProtos(request: protos.google.spanner.v1.ICommitRequest): Buffer {
  const { CommitRequest } = protos.google.spanner.v1;
  return Buffer.from(CommitRequest.encode(CommitRequest.fromObject(request)).finish());
}
