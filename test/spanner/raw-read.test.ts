import { protos } from "@google-cloud/spanner";
import { expect } from "chai";
import fc from "fast-check";
import type { WireValue } from "../../schema/wire-value";
import { selectedKeySet, writeTarget } from "../../spanner/commit-request";
import { encodeReadRequest, parentKeySet } from "../../spanner/raw-read";
import { RowEncoder } from "../../spanner/row-encoder";
import { toProtobufList } from "../../spanner/wire-protobuf";

const { ReadRequest } = protos.google.spanner.v1;

const value: fc.Arbitrary<WireValue> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 });

describe("encoded reads", () => {
  it("say what the official definitions say", () => {
    const property = (values: readonly (readonly WireValue[])[], id: Uint8Array | undefined) => {
      const encoder = new RowEncoder(2);
      for (const row of values) encoder.appendRow(row, 0);
      const target = writeTarget("T", ["a", "b", "c"]);
      const selection = { target, rows: encoder.finish(), from: 0, to: values.length };
      const read = { table: "T_Versions", columns: ["a", "b", "Deleted"], keySet: selectedKeySet(selection) };
      const found = ReadRequest.toObject(ReadRequest.decode(encodeReadRequest("s", id, read)));
      const expected = ReadRequest.fromObject({
        session: "s",
        transaction: id === undefined ? { begin: { readWrite: {} } } : { id },
        table: "T_Versions",
        columns: read.columns,
        keySet: { keys: values.map((row) => toProtobufList(row.slice(0, 2))) },
      });
      // Through bytes as well, so that both have the same representation of absent fields.
      expect(found).to.deep.equal(ReadRequest.toObject(ReadRequest.decode(ReadRequest.encode(expected).finish())));
    };
    const id = fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined });
    fc.assert(fc.property(rows, id, property), { numRuns: 300 });
  });

  it("take each parent's key once", () => {
    const encoder = new RowEncoder(2);
    for (const row of [
      ["a", "1"],
      ["a", "2"],
      ["b", "1"],
      ["a", "3"],
    ])
      encoder.appendRow(row, 0);
    const selection = { target: writeTarget("T", ["a", "b"]), rows: encoder.finish(), from: 0, to: 4 };
    const keySet = parentKeySet(selection, 1);
    const request = ReadRequest.decode(encodeReadRequest("s", undefined, { table: "P", columns: ["a"], keySet }));
    expect(request.keySet?.keys?.map((key) => key.values?.[0]?.stringValue)).to.deep.equal(["a", "b"]);
  });
});
