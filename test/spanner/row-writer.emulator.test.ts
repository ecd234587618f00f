import { expect } from "chai";
import type { WireValue } from "../../schema/wire-value";
import { writeTarget } from "../../spanner/commit-request";
import { closeAllConnections, openSpanner } from "../../spanner/connection";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { encodeRows } from "./encoded";
import { thrown } from "./thrown";
import { count, read, table, tutorialColumns, tutorialDdl, tutorialRow, write } from "./written-rows";

describe("writing rows to the emulator", () => {
  spannerEmulator.use();
  afterEach(closeAllConnections);

  it("brings 25,000 rows into the table exactly as they were", async () => {
    const connection = await openSpanner(await createTestDatabase([tutorialDdl]));
    const rows = Array.from({ length: 25_000 }, (_, index) => tutorialRow(index));
    const outcome = await write(connection, [table("Migration", tutorialColumns, rows)]);
    expect(outcome).to.deep.equal({ written: 25_000, stale: 0, failures: [] });
    const stored = await read(
      connection,
      `SELECT Username, CAST(PointsEarned AS STRING), CAST(ReminderDate AS STRING), Subscribed, CAST(Zipcode AS STRING)
       FROM Migration`,
    );
    expect(stored).to.have.length(25_000);
    const byKey = new Map(rows.map((row) => [row[0], row]));
    for (const row of stored) if (byKey.get(row[0] as string)?.join() !== row.join()) expect(row).to.equal("as it was");
  });

  it("writes the same through the client's objects", async () => {
    const connection = await openSpanner(await createTestDatabase([tutorialDdl]));
    const rows = Array.from({ length: 300 }, (_, index) => tutorialRow(index));
    await write(connection, [table("Migration", tutorialColumns, rows)], { api: "objects" });
    expect(await count(connection, "Migration")).to.equal(300);
  });

  it("isolates the rows at fault, whatever is wrong with them, and writes all the others", async () => {
    const connection = await openSpanner(
      await createTestDatabase([
        `CREATE TABLE Parents (Id STRING(MAX), Name STRING(5), N INT64 NOT NULL, D DATE, U STRING(MAX),
           CONSTRAINT Positive CHECK (N > 0)) PRIMARY KEY (Id)`,
        "CREATE UNIQUE NULL_FILTERED INDEX ByU ON Parents (U)",
        "CREATE TABLE Children (Id STRING(MAX), Child STRING(MAX), V STRING(MAX)) PRIMARY KEY (Id, Child), INTERLEAVE IN PARENT Parents",
      ]),
    );
    const faults = new Map<number, readonly [values: readonly WireValue[], code: string, message: RegExp]>([
      [0, [["a0", "toolong", "1", null, null], "E_SPANNER_ROW_REFUSED", /maximum size limit.*Name/]],
      [17, [["a17", null, null, null, null], "E_SPANNER_ROW_REFUSED", /null value.*N/]],
      [18, [["a18", null, "1", "2026-13-01", null], "E_SPANNER_ROW_REFUSED", /2026-13-01/]],
      [250, [["a250", null, "-1", null, null], "E_SPANNER_ROW_REFUSED", /Positive/]],
      [600, [["k".repeat(9000), null, "1", null, null], "E_SPANNER_ROW_REFUSED", /9000/]],
      [898, [["a898", null, "1", null, "first"], "E_SPANNER_UNIQUE_INDEX", /ByU/]],
      [899, [["a899", null, "nine", null, null], "E_SPANNER_ROW_REFUSED", /nine/]],
    ]);
    const parents = Array.from(
      { length: 900 },
      (_, index): readonly WireValue[] =>
        faults.get(index)?.[0] ?? [`a${index}`, "good", "1", null, index === 5 ? "first" : null],
    );
    const children = Array.from({ length: 500 }, (_, index): WireValue[] => [`a${index}`, "c", "v"]);
    const outcome = await write(connection, [
      { ...table("Parents", ["Id", "Name", "N", "D", "U"], parents), sortBy: undefined },
      table("Children", ["Id", "Child", "V"], children, 2),
    ]);
    const refused = outcome.failures.filter(({ group }) => group === 0);
    expect(refused.map(({ row, line, code }) => [row, line, code])).to.deep.equal(
      Array.from(faults, ([row, [, code]]) => [row, row + 1, code]),
    );
    for (const { row, message } of refused) expect(message).to.match(faults.get(row)?.[2] ?? /never/);
    const orphans = outcome.failures.filter(({ group }) => group === 1);
    expect(orphans.map(({ row }) => row).toSorted((a, b) => a - b)).to.deep.equal([0, 17, 18, 250]);
    expect(new Set(orphans.map(({ code }) => code))).to.deep.equal(new Set(["E_SPANNER_PARENT_MISSING"]));
    expect(outcome.written).to.equal(900 - 7 + 500 - 4);
    expect(await count(connection, "Parents")).to.equal(893);
    expect(await count(connection, "Children")).to.equal(496);
  });

  it("refuses a string that is no UTF-8 as one row, not as the whole commit", async () => {
    const connection = await openSpanner(await createTestDatabase([tutorialDdl]));
    const rows = encodeRows([["a"], ["bXb"], ["c"]]);
    rows.bytes[rows.bytes.indexOf("X")] = 0xff;
    const outcome = await write(connection, [{ target: writeTarget("Migration", ["Username"]), rows, cellsPerRow: 1 }]);
    expect(outcome.written).to.equal(2);
    expect(outcome.failures.map(({ row, code }) => [row, code])).to.deep.equal([[1, "E_SPANNER_ROW_REFUSED"]]);
  });

  it("stops at a missing table or column with what to do", async () => {
    const connection = await openSpanner(await createTestDatabase([tutorialDdl]));
    const noTable = await thrown(write(connection, [table("Nope", ["Username"], [["a"], ["b"]])]));
    expect(noTable).to.include({ code: "E_SPANNER_TABLE_NOT_FOUND" });
    expect((noTable as { remedy: string }).remedy).to.match(/schema apply/);
    const noColumn = await thrown(write(connection, [table("Migration", ["Username", "Nope"], [["a", "b"]])]));
    expect(noColumn).to.include({ code: "E_SPANNER_COLUMN_NOT_FOUND" });
    const twice = await thrown(
      write(connection, [table("Migration", ["Username", "Zipcode", "Zipcode"], [["a", "1", "2"]])]),
    );
    expect(twice).to.include({ code: "E_SPANNER_TABLE_REFUSED" });
  });
});
