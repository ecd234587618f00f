import { expect } from "chai";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { PLACEHOLDER_SEQUENCE_NUMBER } from "../../schema/sequence-number";
import type { WireValue } from "../../schema/wire-value";
import { compileRepair, type RowRepair } from "../../spanner/repair-rows";
import { compileTableTree, tableAt } from "../../spanner/table-tree";
import { parseVersionRow, versionColumns, writeVersion } from "../../spanner/version-table";
import type { StoredVersion, StoreMutation } from "../../spanner/versioned-store";
import { MemoryStore } from "../support/memory-store";

const plan = planMigration(
  parseMapping(
    JSON.stringify({
      source: { table: "T", partitionKey: "PK", sortKey: "SK" },
      tables: [
        {
          name: "Parents",
          primaryKey: ["Id"],
          when: { attribute: "SK", equals: "P" },
          columns: { Id: { type: "STRING(9)", from: "PK" }, Value: { type: "STRING(9)" } },
        },
        {
          name: "Children",
          interleaveIn: "Parents",
          primaryKey: ["Id", "Child"],
          when: { attribute: "SK", beginsWith: "C#" },
          columns: {
            Id: { type: "STRING(9)", from: "PK" },
            Child: { type: "STRING(9)", from: "SK", match: "^C#(.+)$" },
          },
        },
      ],
    }),
    "mapping.json",
  ),
);
const tree = compileTableTree(plan);
const parents = tableAt(tree, 0);
const KEY = ["k"];
const version = (number: number, deleted = false): StoredVersion => ({
  sequenceNumber: String(number).padStart(40, "0"),
  changedAt: null,
  writeTimestampMicros: null,
  deleted,
});

/** A store whose row and version of the key are these. */
async function storeWith(
  row: readonly WireValue[] | undefined,
  stored: StoredVersion | undefined,
): Promise<MemoryStore> {
  const store = new MemoryStore(plan);
  const mutations: StoreMutation[] = [];
  if (row !== undefined) mutations.push({ kind: "write", table: "Parents", columns: ["Id", "Value"], values: row });
  if (stored !== undefined) mutations.push(writeVersion(parents, KEY, stored, false));
  await store.transact(async () => ({ mutations, result: undefined }));
  return store;
}

async function stateOf(store: MemoryStore) {
  return store.transact(async (reader) => {
    const [row] = await reader.readRows("Parents", ["Id", "Value"], [KEY]);
    const [stored] = await reader.readRows(parents.versionTable, versionColumns(parents), [KEY]);
    return { mutations: [], result: { row, version: stored && parseVersionRow(parents, stored).version } };
  });
}

async function repair(store: MemoryStore, seen: RowRepair["seen"], values: RowRepair["values"]) {
  const [result] = await compileRepair(plan)(store, [{ table: 0, key: KEY, values, seen }]);
  return { result, ...(await stateOf(store)) };
}

describe("A repair", () => {
  const right = ["k", "right"];
  const wrong = ["k", "wrong"];

  for (const [name, row, stored, values, after] of [
    ["a row without a version", wrong, undefined, right, undefined],
    ["a missing row without a version", undefined, undefined, right, undefined],
    ["a row whose version stays", wrong, version(7), right, version(7)],
    ["a missing row whose version stays", undefined, version(7), right, version(7)],
    ["a tombstone that comes to life", undefined, version(7, true), right, version(7)],
    [
      "a stand-in for an unseen parent",
      ["k", null],
      { ...version(0), sequenceNumber: PLACEHOLDER_SEQUENCE_NUMBER },
      right,
      undefined,
    ],
    ["an extra row without a version", wrong, undefined, null, undefined],
    ["an extra row that leaves a tombstone", wrong, version(7), null, version(7, true)],
  ] as const) {
    it(`writes ${name}`, async () => {
      const store = await storeWith(row, stored);
      const state = await repair(store, { row, version: stored }, values);
      expect(state).to.deep.equal({ result: "written", row: values ?? undefined, version: after });
    });
  }

  for (const [name, row, stored, seen] of [
    ["a version that has come", wrong, version(8), { row: wrong, version: undefined }],
    ["a newer version", wrong, version(8), { row: wrong, version: version(7) }],
    ["a tombstone that has come", undefined, version(8, true), { row: undefined, version: undefined }],
    ["a row that has come", ["k", "newer"], undefined, { row: undefined, version: undefined }],
    ["a row that has changed", ["k", "newer"], undefined, { row: wrong, version: undefined }],
  ] as const) {
    it(`leaves ${name} as it is`, async () => {
      for (const values of [right, null]) {
        const store = await storeWith(row, stored);
        const state = await repair(store, seen, values);
        expect(state).to.deep.equal({ result: "moved", row, version: stored });
      }
    });
  }

  it("keeps an extra row while rows are interleaved in it", async () => {
    const store = await storeWith(wrong, undefined);
    await store.transact(async () => ({
      mutations: [{ kind: "write", table: "Children", columns: ["Id", "Child"], values: ["k", "c"] }],
      result: undefined,
    }));
    const state = await repair(store, { row: wrong, version: undefined }, null);
    expect(state).to.deep.equal({ result: "kept", row: wrong, version: undefined });
  });
});
