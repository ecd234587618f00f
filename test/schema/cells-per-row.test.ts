import { assert } from "chai";
import { cellsPerRow } from "../../schema/cells-per-row";
import type { LiveColumn, LiveIndex, LiveTable } from "../../schema/live-schema";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";

const [plan] = planMigration(
  parseMapping(
    `{ "source": { "table": "T", "partitionKey": "PK", "sortKey": "SK" }, "tables": [{
      "name": "A", "primaryKey": ["PK", "SK"],
      "columns": { "PK": { "type": "STRING(9)" }, "SK": { "type": "STRING(9)" },
        "X": { "type": "INT64" }, "Y": { "type": "INT64" }, "Z": { "type": "INT64" } } }] }`,
    "mapping.json",
  ),
).tables;

function column(name: string, more: Partial<LiveColumn> = {}): LiveColumn {
  return {
    name,
    type: "INT64",
    notNull: false,
    hasDefault: false,
    isGenerated: false,
    allowsCommitTimestamp: false,
    ...more,
  };
}

function live(indexes: readonly LiveIndex[], more: readonly LiveColumn[] = []): LiveTable {
  return {
    name: "A",
    isView: false,
    columns: [...["PK", "SK", "X", "Y", "Z"].map((name) => column(name)), ...more],
    primaryKey: [
      { name: "PK", descending: false },
      { name: "SK", descending: false },
    ],
    indexes,
  };
}

function index(columns: readonly string[], storing: readonly string[] = []): LiveIndex {
  return {
    name: "I",
    columns: columns.map((name) => ({ name, descending: false })),
    storing,
    isUnique: false,
    isNullFiltered: false,
  };
}

describe("cells that a row counts for", () => {
  function cells(table: LiveTable): number {
    assert.isDefined(plan);
    return cellsPerRow(table, plan);
  }

  it("are its columns", () => assert.equal(cells(live([])), 5));

  it("and for each index its entry, key columns counted once, and the entry that goes", () => {
    assert.equal(cells(live([index(["X"])])), 5 + 3 + 1);
    assert.equal(cells(live([index(["PK", "X"], ["Y", "Z"])])), 5 + 5 + 1);
    assert.equal(cells(live([index(["X"]), index(["Y"])])), 5 + 4 + 4);
  });

  it("and generated columns and defaults, the key with them", () => {
    assert.equal(cells(live([], [column("G", { isGenerated: true }), column("D", { hasDefault: true })])), 5 + 2 + 2);
    assert.equal(cells(live([], [column("Free")])), 5);
  });
});
