import type { protos } from "@google-cloud/spanner";
import type { WireValue } from "../schema/wire-value";

type ProtobufValue = protos.google.protobuf.IValue;
type ProtobufList = protos.google.protobuf.IListValue;

/** A wire value as the official client's `google.protobuf.Value`. */
export function toProtobuf(value: WireValue): ProtobufValue {
  if (value === null) return { nullValue: "NULL_VALUE" };
  switch (typeof value) {
    case "boolean":
      return { boolValue: value };
    case "number":
      return { numberValue: value };
    case "string":
      return { stringValue: value };
    default:
      return { listValue: toProtobufList(value) };
  }
}

export function toProtobufList(values: readonly WireValue[]): ProtobufList {
  return { values: values.map(toProtobuf) };
}

/** The wire value of a `google.protobuf.Value` that Spanner has sent. It sends no structs for the types used here. */
export function fromProtobuf(value: ProtobufValue): WireValue {
  if (value.listValue != null) return fromProtobufList(value.listValue);
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null;
}

export function fromProtobufList(list: ProtobufList): readonly WireValue[] {
  return (list.values ?? []).map(fromProtobuf);
}
