import { expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import type { WireValue } from "../../schema/wire-value";
import type { TableRows } from "../../spanner/commit-batches";
import { CommitRefused } from "../../spanner/commit-refused";
import { type RowSelection, selectionByteLength, writeTarget } from "../../spanner/commit-request";
import { decodeRow } from "../../spanner/row-decoder";
import { type CommitRows, writeRows } from "../../spanner/row-writer";
import { encodeRows } from "./encoded";
import { thrown } from "./thrown";

interface Row {
  readonly table: string;
  readonly values: readonly WireValue[];
}

const parents = writeTarget("Parents", ["Id", "Value"]);
const children = writeTarget("Children", ["Parent", "Id", "Value"]);

const group = (
  target: typeof parents,
  rows: readonly (readonly WireValue[])[],
  more: Partial<TableRows> = {},
): TableRows => ({
  target,
  rows: encodeRows(rows, target.columns.length - 1),
  cellsPerRow: target.columns.length,
  ...more,
});

function rowsOf(selections: readonly RowSelection[]): Row[] {
  return selections.flatMap(({ target, rows, order, from, to }) =>
    Array.from({ length: to - from }, (_, index) => ({
      table: target.table,
      values: decodeRow(rows, order?.[from + index] ?? from + index),
    })),
  );
}

/** A database that refuses rows whose value is "bad", and children without a parent. */
class Model {
  readonly stored = new Map<string, Row>();
  readonly commits: Row[][] = [];
  attempts = 0;

  readonly commit: CommitRows = async (selections) => {
    this.attempts++;
    const rows = rowsOf(selections);
    const after = new Map(this.stored);
    for (const row of rows) {
      if (row.values.at(-1) === "bad") throw new CommitRefused("E_SPANNER_ROW_REFUSED", "bad value");
      if (row.table === "Children" && !after.has(JSON.stringify(["Parents", row.values[0]]))) {
        throw new CommitRefused("E_SPANNER_PARENT_MISSING", "no parent");
      }
      after.set(JSON.stringify([row.table, ...row.values.slice(0, -1)]), row);
    }
    for (const [key, row] of after) this.stored.set(key, row);
    this.commits.push(rows);
    return { written: rows.length, stale: 0 };
  };
}

const smallLimits = { rows: 10, cells: 80_000, bytes: 1 << 20 };

describe("writeRows", () => {
  it("writes everything but the rows at fault, and names those, whatever they are and however commits are cut", async () => {
    const parent = fc.tuple(fc.nat(12).map(String), fc.constantFrom("good", "good", "good", "bad"));
    const child = fc.tuple(
      fc.nat(14).map(String),
      fc.nat(20).map(String),
      fc.constantFrom("good", "good", "good", "bad"),
    );
    const cases = fc.record({
      parentRows: fc.uniqueArray(parent, { selector: ([id]) => id }),
      childRows: fc.uniqueArray(child, { selector: ([id, childId]) => `${id}/${childId}`, maxLength: 40 }),
      limits: fc.record({
        rows: fc.integer({ min: 1, max: 30 }),
        cells: fc.integer({ min: 1, max: 90 }),
        bytes: fc.integer({ min: 1, max: 900 }),
      }),
      sort: fc.boolean(),
    });
    const key = { type: { kind: "STRING", length: "MAX" }, descending: false } as const;
    await fc.assert(
      fc.asyncProperty(cases, async ({ parentRows, childRows, limits, sort }) => {
        const model = new Model();
        const sorted = (length: number): Partial<TableRows> => (sort ? { sortBy: new Array(length).fill(key) } : {});
        const groups = [group(parents, parentRows, sorted(1)), group(children, childRows, sorted(2))];
        const outcome = await writeRows(groups, { commit: model.commit, limits });

        const goodParents = new Set(parentRows.filter(([, value]) => value === "good").map(([id]) => id));
        const expected = [
          ...parentRows.flatMap(([, value], row) => (value === "bad" ? [`0 ${row} E_SPANNER_ROW_REFUSED`] : [])),
          ...childRows.flatMap(([id, , value], row) =>
            value === "bad"
              ? [`1 ${row} E_SPANNER_ROW_REFUSED`]
              : goodParents.has(id)
                ? []
                : [`1 ${row} E_SPANNER_PARENT_MISSING`],
          ),
        ];
        const found = outcome.failures.map(({ group, row, code }) => `${group} ${row} ${code}`);
        expect(found.toSorted()).to.deep.equal(expected.toSorted());
        for (const { row, line } of outcome.failures) expect(line).to.equal(row + 1);
        expect(outcome.written).to.equal(parentRows.length + childRows.length - expected.length);
        expect(model.stored.size).to.equal(outcome.written);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps every commit within rows, cells and bytes, except for a row that alone is over", async () => {
    const limitCases = fc.record({
      lengths: fc.array(fc.nat(400), { maxLength: 60 }),
      rows: fc.integer({ min: 1, max: 20 }),
      cells: fc.integer({ min: 2, max: 60 }),
      bytes: fc.integer({ min: 10, max: 2000 }),
    });
    await fc.assert(
      fc.asyncProperty(limitCases, async ({ lengths, ...limits }) => {
        const rows = lengths.map((length, index) => [String(index), "x".repeat(length)]);
        const half = rows.length >>> 1;
        const seen: string[] = [];
        await writeRows([group(parents, rows.slice(0, half)), group(parents, rows.slice(half))], {
          limits,
          commit: async (selections) => {
            const committed = rowsOf(selections);
            seen.push(...committed.map(({ values }) => String(values[0])));
            if (committed.length > 1) {
              expect(committed.length).to.be.at.most(limits.rows);
              expect(committed.length * 2).to.be.at.most(limits.cells);
              expect(selections.reduce((sum, each) => sum + selectionByteLength(each), 0)).to.be.at.most(limits.bytes);
            }
            return { written: committed.length, stale: 0 };
          },
        });
        expect(seen).to.deep.equal(rows.map(([id]) => id));
      }),
      { numRuns: 200 },
    );
  });

  it("makes as few commits as the limits allow, across groups", async () => {
    const model = new Model();
    const some = (count: number): WireValue[][] => Array.from({ length: count }, (_, index) => [`p${index}`, "good"]);
    await writeRows([group(parents, some(13)), group(parents, some(0)), group(parents, some(7))], {
      commit: model.commit,
      limits: smallLimits,
    });
    expect(model.commits.map((rows) => rows.length)).to.deep.equal([10, 10]);
  });

  it("finds one bad row of 4,000 in a logarithm of attempts", async () => {
    const model = new Model();
    const rows = Array.from({ length: 4000 }, (_, index) => [String(index), index === 2718 ? "bad" : "good"]);
    const outcome = await writeRows([group(parents, rows)], { commit: model.commit });
    expect(outcome).to.deep.equal({
      written: 3999,
      stale: 0,
      failures: [{ group: 0, row: 2718, line: 2719, code: "E_SPANNER_ROW_REFUSED", message: "bad value" }],
    });
    expect(model.attempts).to.be.at.most(25);
  });

  it("adds up what the strategy counts, and reports it commit by commit", async () => {
    const seen: unknown[] = [];
    const outcome = await writeRows(
      [
        group(parents, [
          ["1", "a"],
          ["2", "b"],
          ["3", "c"],
        ]),
      ],
      {
        limits: { ...smallLimits, rows: 2 },
        commit: async ([first]) => (first?.from === 0 ? { written: 1, stale: 1 } : { written: 0, stale: 1 }),
        onCommit: (counts) => seen.push(counts),
      },
    );
    expect(outcome).to.deep.equal({ written: 1, stale: 2, failures: [] });
    expect(seen).to.have.length(2);
  });

  it("throws what ends the job, and commits nothing after it", async () => {
    let commits = 0;
    const writing = writeRows(
      [
        group(parents, [
          ["1", "a"],
          ["2", "b"],
          ["3", "c"],
        ]),
      ],
      {
        limits: { ...smallLimits, rows: 1 },
        commit: async () => {
          commits++;
          if (commits === 2) throw new MigrationError("E_SPANNER_TABLE_NOT_FOUND", "Table not found: Parents");
          return { written: 1, stale: 0 };
        },
      },
    );
    const error = await thrown(writing);
    expect(error).to.include({ code: "E_SPANNER_TABLE_NOT_FOUND" });
    expect(commits).to.equal(2);
  });

  it("refuses a row over Spanner's limit for a commit without sending it", async () => {
    const huge = {
      ...group(parents, [
        ["1", "a"],
        ["2", "b"],
      ]),
    };
    const rows = { ...huge.rows, offsets: Uint32Array.of(0, 10, 200 << 20) };
    const sent: Row[] = [];
    const outcome = await writeRows([{ ...huge, rows }], {
      commit: async (selections) => {
        sent.push(...rowsOf(selections));
        return { written: 1, stale: 0 };
      },
      limits: { ...smallLimits, bytes: 1 << 30 },
    });
    expect(sent.map(({ values }) => values[0])).to.deep.equal(["1"]);
    expect(outcome.failures).to.have.length(1);
    expect(outcome.failures[0]).to.include({ row: 1, code: "E_SPANNER_ROW_REFUSED" });
  });
});
