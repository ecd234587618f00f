import { expect } from "chai";
import type { Dialect } from "../../schema/column-type";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { expectAccounted, expectError, expectExit, PROCESS_MILLISECONDS, runLoad, writeMapping } from "./load";
import { changeRows, createMappedDatabase, queryRows } from "./mapped-database";
import { corruptions } from "./verify-corruptions";
import { everyTypeItem, everyTypeMapping, idOf, runVerification } from "./verify-fixture";

const ITEMS = process.env["LONG_TESTS"] === undefined ? 3_000 : 100_000;

const VERSION = "(Id, SequenceNumber, Deleted, AppliedAt)";
const SEQUENCE_NUMBER = "'0000000000000000000000000000000000000007'";

describe("verify --input", function () {
  this.timeout(PROCESS_MILLISECONDS * (ITEMS > 10_000 ? 20 : 5));
  const folder = useFolder();
  let mapping: string;
  let database: EmulatorDatabase;

  /** An export of every-type items, loaded. */
  async function loadExport(count: number, dialect: Dialect = "googlesql"): Promise<void> {
    mapping = await writeMapping(folder(), everyTypeMapping);
    database = await createMappedDatabase(mapping, dialect);
    const lines = Array.from({ length: count }, (_, index) => JSON.stringify({ Item: everyTypeItem(index) }));
    const half = Math.floor(count / 2);
    await writeFiles(
      folder(),
      exportFiles({ "aaaa.json.gz": lines.slice(0, half), "bbbb.json.gz": lines.slice(half) }),
    );
    const load = await runLoad({ database, mapping, input: folder(), folder: folder() });
    expectExit(load, 0);
    expect(expectAccounted(load.summary).written).to.equal(count);
  }

  const verify = (...words: readonly string[]) =>
    runVerification(folder(), database, ["--mapping", mapping, "--input", folder(), "--recheck", "0", ...words]);

  it("catches each corruption, and nothing else", async () => {
    await loadExport(ITEMS);
    const clean = await verify();
    expectExit(clean, 0);
    expect(clean.found).to.deep.equal([]);
    expect(clean.summary).to.include({ status: "equal", read: ITEMS, equal: ITEMS, rows: ITEMS, behind: 0 });

    const all = corruptions();
    await changeRows(database, ...all.flatMap(({ statements }) => statements));
    const spoilt = await verify();
    expectError(spoilt, "E_VERIFY_DIFFERS", /rows differ/);
    expect(spoilt.found).to.deep.equal(all.flatMap(({ reported }) => reported).sort());
    const { equal, different, missing, extra } = spoilt.summary;
    expect({ missing, extra, sum: equal + different + missing }).to.deep.equal({ missing: 2, extra: 2, sum: ITEMS });
    expect(spoilt.stdout).to.include("id-000001").and.to.include("status");

    const sample = await verify("--sample", "20");
    expect(sample.summary.notSampled).to.be.within(ITEMS * 0.6, ITEMS * 0.95);
    expect(sample.summary.rows).to.be.lessThan(ITEMS * 0.4);
    expect(all.flatMap(({ reported }) => reported)).to.include.members([...sample.found]);
    expect(sample.stderr).to.include("A sample: 20 %");
  });

  it("does so in a PostgreSQL-dialect database", async () => {
    await loadExport(60, "postgresql");
    const clean = await verify();
    expectExit(clean, 0);
    expect(clean.summary).to.include({ status: "equal", read: 60, equal: 60, rows: 60 });

    const changes = [
      [1, "S", "S || ' '"],
      [2, "I", "I + 1"],
      [3, "F", "F * 1.0000000000000002220446049250313"],
      [4, "N", "N + 0.000000001"],
      [5, "B", "NOT B"],
      [7, "D", "D + 1"],
      [10, "T", "'2024-02-29 23:59:10+00'::timestamptz"],
      [11, "J", '\'{"n": 9007199254740992, "x": 13.7391432, "l": ["a", null]}\'::jsonb'],
      [12, "Y", "NULL"],
      [14, "A", "ARRAY['two', 'one', NULL]"],
      [15, "Rest", "'{}'::jsonb"],
    ] as const;
    await changeRows(
      database,
      ...changes.map(
        ([row, column, value]) => `UPDATE "Every" SET "${column}" = ${quoted(value)} WHERE "Id" = '${idOf(row)}'`,
      ),
      `DELETE FROM "Every" WHERE "Id" = '${idOf(16)}'`,
      `INSERT INTO "Every" ("Id") VALUES ('id-extra')`,
    );
    const spoilt = await verify("--repair");
    expect(spoilt.summary).to.include({ repaired: changes.length + 1, equal: 60, different: 0, missing: 0, extra: 1 });
    expectExit(spoilt, 4);
    await changeRows(database, `DELETE FROM "Every" WHERE "Id" = 'id-extra'`);
    expectExit(await verify(), 0);
  });

  it("repairs what differs, and nothing that is newer", async () => {
    await loadExport(200);
    const all = corruptions();
    const newer = [
      `UPDATE Every SET S = 'newer' WHERE Id = '${idOf(100)}'`,
      `INSERT INTO Every_Versions ${VERSION} VALUES ('${idOf(100)}', ${SEQUENCE_NUMBER}, false, PENDING_COMMIT_TIMESTAMP())`,
    ];
    await changeRows(database, ...all.flatMap(({ statements }) => statements), ...newer);
    const rows = new Set(all.flatMap(({ reported }) => reported.map((line) => line.split(" ").slice(0, 3).join(" "))));
    const extra = [...rows].filter((line) => line.startsWith("extra"));

    const dry = await verify("--repair", "--dry-run");
    expectExit(dry, 4);
    expect(dry.summary).to.include({ repaired: 0, wouldRepair: rows.size - extra.length });
    expect((await verify()).found).to.deep.equal(dry.found);

    const repaired = await verify("--repair");
    expectExit(repaired, 4);
    expect(repaired.summary).to.include({ different: 0, missing: 0, extra: 2, equal: 199, behind: 1 });
    expect(repaired.summary.repaired).to.equal(rows.size - extra.length);
    expect(repaired.differences.filter((line) => line.repaired !== true)).to.have.length(extra.length);

    const deleted = await verify("--repair", "--delete-extra");
    expectExit(deleted, 0);
    expect(deleted.summary).to.include({ extra: 0, repaired: 2, equal: 199, behind: 1, status: "behind" });
    const clean = await verify();
    expectExit(clean, 0);
    expect(clean.found).to.deep.equal([]);
    expect(await queryRows(database, `SELECT S FROM Every WHERE Id = '${idOf(100)}'`)).to.deep.equal([["newer"]]);
  });

  it("does not hold rows that have changed since against the export", async () => {
    await loadExport(40);
    await changeRows(
      database,
      // Changed, deleted and made by the stream.
      `UPDATE Every SET S = 'newer' WHERE Id = '${idOf(0)}'`,
      `DELETE FROM Every WHERE Id = '${idOf(1)}'`,
      "INSERT INTO Every (Id, S) VALUES ('id-new', 'made since')",
      ...[`'${idOf(0)}', ${SEQUENCE_NUMBER}, false`, `'id-new', ${SEQUENCE_NUMBER}, false`].map(
        (values) => `INSERT INTO Every_versions ${VERSION} VALUES (${values}, PENDING_COMMIT_TIMESTAMP())`,
      ),
      `INSERT INTO Every_versions ${VERSION} VALUES ('${idOf(1)}', ${SEQUENCE_NUMBER}, true, PENDING_COMMIT_TIMESTAMP())`,
      // A live version without its row is a loss, whatever the export says.
      `INSERT INTO Every_versions ${VERSION} VALUES ('${idOf(2)}', ${SEQUENCE_NUMBER}, false, PENDING_COMMIT_TIMESTAMP())`,
      `DELETE FROM Every WHERE Id = '${idOf(2)}'`,
    );
    const result = await verify();
    expect(result.found).to.deep.equal([`missing Every ${idOf(2)} *`]);
    expect(result.summary).to.include({ behind: 3, equal: 37, missing: 1, extra: 0, different: 0 });
    expectExit(result, 4);
  });

  it("refuses a command line without a source, or with two", async () => {
    mapping = await writeMapping(folder(), everyTypeMapping);
    database = { project: "p-00000", instance: "i", database: "d" };
    const words = ["verify", "--mapping", mapping, "--project", "p-00000", "--instance", "i", "--database", "d"];
    const { runCommand } = await import("../support/command-line.js");
    expectError(await runCommand(words), "E_USAGE", /either --input EXPORT or --source-table/);
  });
});

/** An expression with its columns, all of one capital letter, quoted: PostgreSQL folds other names to small letters. */
function quoted(expression: string): string {
  return expression.replace(/(?<!['"\w])([A-Z])(?![\w'"])/g, '"$1"');
}
