import { assert } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import {
  fileProgress,
  type LoadRow,
  loadTotals,
  loadValues,
  type PartRow,
  parseLoadRow,
  parsePartRow,
  partValues,
} from "../../schema/load-progress";
import { loadPartsTable, loadsTable } from "../../schema/progress-table";

const load: LoadRow = {
  loadId: "20260131T235959Z-1f2e3d",
  sourceTable: "Orders",
  tables: new Map([
    ["Customers", "a"],
    ["__proto__", "b"],
    ["", "c"],
  ]),
  exportUrl: "gs://bucket/AWSDynamoDB/1",
  exportHash: "d",
  mode: "exclusive",
  format: 1,
  items: 9007199254740991,
  files: 2,
  deadLetters: "gs://bucket/dead-letters",
  status: "interrupted",
  runId: "20260131T235959Z-1f2e3d",
  runs: 3,
  startedAt: "2026-01-31T23:59:59Z",
  runStartedAt: "2026-01-31T23:59:59Z",
  endedAt: null,
};

const part = (firstLine: number, lines: number, more: Partial<PartRow> = {}): PartRow => ({
  level: 0,
  file: "data/a.json.gz",
  firstLine,
  lines,
  written: lines,
  stale: 0,
  filtered: 0,
  deadLettered: 0,
  checksum: 4294967295,
  md5: null,
  recordedAt: "2026-01-31T23:59:59Z",
  ...more,
});

describe("progress of loads", () => {
  it("rows have a value for each column, and come back as they were", () => {
    assert.lengthOf(loadValues(load), loadsTable.columns.length);
    assert.deepEqual(parseLoadRow(loadValues(load)), load);
    const { items, ...rest } = load;
    assert.deepEqual(parseLoadRow(loadValues({ ...rest, items: null, endedAt: "x" })), {
      ...rest,
      items: null,
      endedAt: "x",
    });
    const { recordedAt, ...row } = part(1, 5, { md5: "m", checksum: null });
    assert.lengthOf(partValues("load", row, recordedAt), loadPartsTable.columns.length);
    assert.deepEqual(parsePartRow(partValues("load", row, recordedAt)), { ...row, recordedAt });
  });

  it("refuses rows that it has not written", () => {
    for (const read of [() => parseLoadRow([]), () => parsePartRow(["load", "0", "file", "-1", "x"])]) {
      assert.throws(read, MigrationError, "that no version of this program has written");
    }
  });

  it("a file is complete only without a gap from its first line to its end", () => {
    const end = part(21, 5, { md5: "m" });
    const md5Of = (...parts: PartRow[]) => fileProgress(parts)[0]?.md5;
    assert.equal(md5Of(end, part(1, 10), part(11, 10)), "m");
    assert.equal(md5Of(end, part(1, 10)), null);
    assert.equal(md5Of(end, part(11, 10)), null);
    assert.equal(md5Of(part(1, 10), part(11, 10)), null);
    assert.equal(md5Of(part(1, 0, { md5: "empty" })), "empty");
  });

  it("of parts that overlap one counts, and what only the other has is not finished", () => {
    const [progress] = fileProgress([part(1, 10), part(8, 8), part(16, 5, { md5: "m" })]);
    assert.deepInclude(progress, { lines: 15, written: 15, md5: null });
    assert.deepEqual(
      progress?.parts.map(({ firstLine }) => firstLine),
      [1, 16],
    );
  });

  it("counts each line once, whatever parts were summed up and in whatever order they come", () => {
    const split = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(split, fc.infiniteStream(fc.boolean()), fc.integer({ min: 0, max: 99 }), (sizes, keep, seed) => {
        let firstLine = 1;
        const blocks = sizes.map((lines, index) => {
          const block = part(firstLine, lines, index === sizes.length - 1 ? { md5: "m" } : {});
          firstLine += lines;
          return block;
        });
        const lines = firstLine - 1;
        const whole = part(1, lines, { md5: "m", checksum: null });
        // A run that was not stopped writes some of the blocks again beside the sum that another has made of them.
        const late = blocks.filter(() => keep.next().value);
        const rows = [...late, whole].toSorted((a, b) => ((a.firstLine + seed) % 7) - ((b.lines + seed) % 7));
        assert.deepInclude(fileProgress(rows)[0], { parts: [whole], lines, written: lines, md5: "m" });
        const [progress] = fileProgress(late);
        assert.equal(
          progress?.lines ?? 0,
          late.reduce((sum, block) => sum + block.lines, 0),
        );
        assert.equal(progress?.md5 ?? null, late.length === blocks.length ? "m" : null);
      }),
    );
  });

  it("sums files and levels up; a line counts as read in the pass of level 0 only", () => {
    const files = fileProgress([
      part(1, 10, { written: 3, stale: 1, filtered: 1 }),
      part(1, 10, { level: 1, written: 4, deadLettered: 1 }),
      part(1, 2, { file: "data/b.json.gz", written: 0, filtered: 2 }),
    ]);
    assert.lengthOf(files, 3);
    assert.deepEqual(loadTotals(files), { read: 12, written: 7, stale: 1, filtered: 3, deadLettered: 1 });
  });
});
