import { MutationSet, Spanner } from "@google-cloud/spanner";
import { expect } from "chai";
import fc from "fast-check";
import type { ColumnType } from "../../schema/column-type";
import type { WireValue } from "../../schema/wire-value";
import { encodeCommitRequest, type RowMutation, selectionByteLength, writeTarget } from "../../spanner/commit-request";
import { decodeRequest, encodeRows, encodeWithProtos, toProto } from "./encoded";
import { typedRows } from "./wire-values";

const session = "projects/p/instances/i/databases/d/sessions/s";
const singleUse = { kind: "singleUse" } as const;

const columnNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `Column${index}`);

function upsert(rows: readonly (readonly WireValue[])[], columns: readonly string[]): RowMutation {
  const encoded = encodeRows(rows);
  return {
    operation: "insertOrUpdate",
    target: writeTarget("Table", columns),
    rows: encoded,
    from: 0,
    to: encoded.count,
  };
}

describe("encodeCommitRequest", () => {
  it("writes the very bytes of the official definitions, for every column type", () => {
    fc.assert(
      fc.property(typedRows, ({ types, rows }) => {
        const columns = columnNames(types.length);
        const actual = encodeCommitRequest(session, singleUse, [upsert(rows, columns)]);
        const expected = encodeWithProtos({
          session,
          singleUseTransaction: { readWrite: {} },
          mutations: [
            { insertOrUpdate: { table: "Table", columns, values: rows.map((row) => ({ values: row.map(toProto) })) } },
          ],
        });
        // The generated code writes fields in its own order; compared is what each side reads.
        expect(decodeRequest(actual)).to.deep.equal(decodeRequest(expected));
        expect(actual.length).to.equal(expected.length);
      }),
      { numRuns: 400 },
    );
  });

  it("says what the official client's codec would say of the same values", () => {
    fc.assert(
      fc.property(typedRows, ({ types, rows }) => {
        fc.pre(rows.length > 0);
        const columns = columnNames(types.length);
        const set = new MutationSet();
        set.upsert(
          "Table",
          rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i], clientValue(types[i], value)]))),
        );
        const ours = decodeRequest(encodeCommitRequest(session, singleUse, [upsert(rows, columns)]));
        const theirs = decodeRequest(encodeWithProtos({ mutations: set.proto() }));
        expect(ours["mutations"]).to.deep.equal(theirs["mutations"]);
      }),
      { numRuns: 200 },
    );
  });

  it("takes rows in the given order, and a part of them", () => {
    const rows = encodeRows([["a"], ["b".repeat(200)], ["c"], ["d"]]);
    const target = writeTarget("T", ["K"]);
    const values = (mutation: Omit<RowMutation, "operation" | "target" | "rows">): unknown => {
      const selection = { operation: "insertOrUpdate" as const, target, rows, ...mutation };
      const request = decodeRequest(encodeCommitRequest(session, singleUse, [selection])) as {
        mutations: [{ insertOrUpdate: { values?: { values: { stringValue: string }[] }[] } }];
      };
      const found = (request.mutations[0].insertOrUpdate.values ?? []).map((row) => row.values[0]?.stringValue[0]);
      expect(selectionByteLength(selection)).to.be.at.least(found.length * 6);
      return found.join("");
    };
    expect(values({ from: 1, to: 3 })).to.equal("bc");
    expect(values({ from: 0, to: 4, order: Uint32Array.of(3, 1, 0, 2) })).to.equal("dbac");
    expect(values({ from: 1, to: 3, order: Uint32Array.of(3, 1, 0, 2) })).to.equal("ba");
    expect(values({ from: 2, to: 2 })).to.equal("");
  });

  it("deletes by the key columns of rows, in the order of the mutations", () => {
    const rows = encodeRows(
      [
        ["a".repeat(300), "1", "other"],
        ["b", "2", null],
      ],
      2,
    );
    const target = writeTarget("T", ["K", "L", "V"]);
    const request = encodeCommitRequest(session, { kind: "begun", id: Buffer.from("id") }, [
      { operation: "delete", target, rows, from: 0, to: 2 },
      { operation: "insertOrUpdate", target, rows, from: 1, to: 2 },
      { operation: "delete", target, rows, order: Uint32Array.of(1, 0), from: 0, to: 1 },
    ]);
    const expected = encodeWithProtos({
      session,
      transactionId: Buffer.from("id"),
      mutations: [
        {
          delete: {
            table: "T",
            keySet: {
              keys: [
                ["a".repeat(300), "1"],
                ["b", "2"],
              ].map(listOf),
            },
          },
        },
        { insertOrUpdate: { table: "T", columns: ["K", "L", "V"], values: [listOf(["b", "2", null])] } },
        { delete: { table: "T", keySet: { keys: [listOf(["b", "2"])] } } },
      ],
    });
    expect(decodeRequest(request)).to.deep.equal(decodeRequest(expected));
  });
});

function listOf(values: readonly WireValue[]) {
  return { values: values.map(toProto) };
}

/** A value in the form in which a program hands it to the official client. */
function clientValue(type: ColumnType | undefined, value: WireValue): unknown {
  if (value === null || type === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((element) => clientValue(type.kind === "ARRAY" ? type.element : type, element));
  }
  switch (type.kind) {
    case "INT64":
      return Spanner.int(value as string);
    case "NUMERIC":
      return Spanner.numeric(value as string);
    case "FLOAT32":
      return typeof value === "number" ? Spanner.float32(value) : value;
    case "FLOAT64":
      return typeof value === "number" ? Spanner.float(value) : value;
    case "BYTES":
      return Buffer.from(value as string, "base64");
    default:
      return value;
  }
}
