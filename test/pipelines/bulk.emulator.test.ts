import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Item } from "../../schema/attribute-value";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { EXPORT_PATH, exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { spannerEmulator } from "../support/spanner";
import {
  expectAccounted,
  expectExit,
  type Load,
  PROCESS_MILLISECONDS,
  runLoad,
  sampleMapping,
  writeMapping,
} from "./load";
import { changeRows, countRows, createMappedDatabase, queryRows } from "./mapped-database";

const tutorial = sampleMapping("migration");
const line = (item: Item) => JSON.stringify({ Item: item });

describe("bulk", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();

  const loadLines = async (
    database: EmulatorDatabase,
    mapping: string,
    items: readonly Item[],
    ...options: readonly string[]
  ): Promise<Load> => {
    const input = join(folder(), "export");
    await writeFiles(input, exportFiles({ "aaaa.json.gz": items.map(line) }));
    return runLoad({ database, mapping, input, folder: folder(), options });
  };

  it("loads an export, proves it, and says so in table, summary and exit code", async () => {
    const database = await createMappedDatabase(tutorial);
    const { files } = await writeFakeExport({ set: "tutorial", items: 5000, seed: 1, files: 4, folder: folder() });
    const result = await runLoad({ database, mapping: tutorial, input: folder(), folder: folder() });
    expectExit(result, 0);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({
      command: "bulk",
      status: "proven",
      read: 5000,
      written: 5000,
      stale: 0,
      filtered: 0,
      deadLettered: 0,
      expected: 5000,
    });
    expect(summary.elapsedSeconds).to.be.greaterThan(0);
    expect(summary.files).to.have.length(4);
    expect(summary.files.map(({ expected }) => expected)).to.have.members(files.map(({ itemCount }) => itemCount));
    expect(result.stdout)
      .to.match(/written\s+│\s+5,000/)
      .and.to.match(/status\s+│\s+proven/);
    expect(result.deadLetters).to.deep.equal([]);
    expect(await countRows(database, "Migration")).to.equal(5000);
  });

  it("loads twice what it loads once: the second run writes the same rows again", async () => {
    const database = await createMappedDatabase(tutorial);
    const items: Item[] = [{ Username: { S: "a" }, PointsEarned: { N: "1" } }, { Username: { S: "b" } }];
    expectExit(await loadLines(database, tutorial, items), 0);
    const before = await queryRows(database, "SELECT * FROM Migration ORDER BY Username");
    const again = await loadLines(database, tutorial, items);
    expectExit(again, 0);
    expect(expectAccounted(again.summary).written).to.equal(2);
    expect(await queryRows(database, "SELECT * FROM Migration ORDER BY Username")).to.deep.equal(before);
  });

  for (const [title, files] of [
    ["no data file", {}],
    ["empty data files", { "aaaa.json.gz": [], "bbbb.json.gz": [] }],
  ] as const) {
    it(`takes an export of 0 items with ${title}`, async () => {
      const database = await createMappedDatabase(tutorial);
      await writeFiles(join(folder(), "export"), exportFiles(files));
      const result = await runLoad({ database, mapping: tutorial, input: join(folder(), "export"), folder: folder() });
      expectExit(result, 0);
      expect(expectAccounted(result.summary)).to.include({ status: "proven", read: 0, written: 0, expected: 0 });
    });
  }

  it("reads plain files with --no-manifest, and says that nothing proves them", async () => {
    const database = await createMappedDatabase(tutorial);
    const packed = exportFiles({ "aaaa.json.gz": [line({ Username: { S: "a" } })] });
    await writeFiles(
      join(folder(), "export"),
      new Map([["plain.json.gz", packed.get(`${EXPORT_PATH}/data/aaaa.json.gz`) ?? Buffer.alloc(0)]]),
    );
    const input = join(folder(), "export");
    const result = await runLoad({
      database,
      mapping: tutorial,
      input,
      folder: folder(),
      options: ["--no-manifest"],
    });
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ status: "unproven", written: 1, expected: null });
    expect(result.stderr).to.match(/\[warn\] Unproven/);
    expect(result.stdout).to.match(/no manifest/);
  });

  it("takes every option from a configuration file", async () => {
    const database = await createMappedDatabase(tutorial);
    await writeFiles(join(folder(), "export"), exportFiles({ "aaaa.json.gz": [line({ Username: { S: "a" } })] }));
    const config = join(folder(), "load.json");
    const summary = join(folder(), "summary.json");
    await writeFile(
      config,
      JSON.stringify({ ...database, mapping: tutorial, input: join(folder(), "export"), exclusive: true, summary }),
    );
    expectExit(await runCommand(["bulk", "--config", config, "--dead-letters", join(folder(), "letters")]), 0);
    expect(await countRows(database, "Migration")).to.equal(1);
  });

  it("shows errors and the table only with --quiet", async () => {
    const database = await createMappedDatabase(tutorial);
    const items: Item[] = [{ Username: { S: "a" } }];
    const loud = await loadLines(database, tutorial, items);
    expect(loud.stderr).to.match(/\[info\] Loading .*AWSDynamoDB.* \(1 file, 1 item by the manifest\) into Migration/);
    const quiet = await loadLines(database, tutorial, items, "--quiet");
    expectExit(quiet, 0);
    expect(quiet.stderr).to.equal("");
    expect(quiet.stdout).to.match(/status\s+│\s+proven/);
  });

  it("leaves no value of an item in what it prints, whatever the level", async () => {
    const database = await createMappedDatabase(tutorial);
    const items: Item[] = [
      { Username: { S: "private-name" }, Zipcode: { N: "4711" } },
      { Username: { S: "private-other" }, Zipcode: { S: "private-zip" } },
    ];
    const result = await loadLines(database, tutorial, items, "--log-level", "debug");
    expectExit(result, 3);
    expect(`${result.stdout}${result.stderr}`).to.not.match(/private|4711/);
  });

  describe("columns", () => {
    const partly = {
      source: { table: "Migration", partitionKey: "Username" },
      tables: [
        {
          name: "Migration",
          primaryKey: ["Username"],
          columns: { Username: { type: "STRING(1024)" }, Zipcode: { type: "INT64" } },
        },
      ],
    };

    for (const options of [["--exclusive"], []]) {
      it(`that the item lacks become NULL, those that the mapping lacks stay (${options[0] ?? "not exclusive"})`, async () => {
        const database = await createMappedDatabase(tutorial);
        await changeRows(
          database,
          "INSERT INTO Migration (Username, PointsEarned, Zipcode) VALUES ('old', 7, 1), ('both', 8, 2)",
        );
        const mapping = await writeMapping(folder(), partly);
        const items: Item[] = [{ Username: { S: "old" } }, { Username: { S: "both" }, Zipcode: { N: "22" } }];
        expectExit(await loadLines(database, mapping, items, ...options), 0);
        expect(
          await queryRows(database, "SELECT Username, PointsEarned, Zipcode FROM Migration ORDER BY Username"),
        ).to.deep.equal([
          ["both", "8", "22"],
          ["old", "7", null],
        ]);
      });
    }
  });

  describe("items that a newer change was applied to", () => {
    const version = (username: string, number: string, deleted: boolean) =>
      "INSERT INTO Migration_Versions (Username, SequenceNumber, ChangedAt, Deleted, AppliedAt, TombstoneAt) VALUES " +
      `('${username}', '${number}', NULL, ${deleted}, PENDING_COMMIT_TIMESTAMP(), ` +
      `${deleted ? "PENDING_COMMIT_TIMESTAMP()" : "NULL"})`;
    const newer = "0000000000000000000800000000000000000001";
    const items: Item[] = ["changed", "deleted", "untouched"].map((name) => ({
      Username: { S: name },
      Zipcode: { N: "1" },
    }));
    let database: EmulatorDatabase;
    beforeEach(async () => {
      database = await createMappedDatabase(tutorial);
      await changeRows(
        database,
        "INSERT INTO Migration (Username, Zipcode) VALUES ('changed', 99)",
        version("changed", newer, false),
        version("deleted", newer, true),
      );
    });
    const rows = () => queryRows(database, "SELECT Username, Zipcode FROM Migration ORDER BY Username");

    it("stay as they are, deleted ones too, and count as stale", async () => {
      const result = await loadLines(database, tutorial, items);
      expectExit(result, 0);
      expect(expectAccounted(result.summary)).to.include({ status: "proven", read: 3, written: 1, stale: 2 });
      expect(result.stdout).to.match(/stale[^│]*│\s+2/);
      expect(await rows()).to.deep.equal([
        ["changed", "99"],
        ["untouched", "1"],
      ]);
    });

    it("are overwritten with --exclusive, which does not look", async () => {
      const result = await loadLines(database, tutorial, items, "--exclusive");
      expectExit(result, 0);
      expect(expectAccounted(result.summary)).to.include({ status: "proven", read: 3, written: 3, stale: 0 });
      expect(await rows()).to.deep.equal([
        ["changed", "1"],
        ["deleted", "1"],
        ["untouched", "1"],
      ]);
    });
  });

  it("leaves out and counts items that no table takes, if the mapping says so", async () => {
    const mapping = await writeMapping(folder(), {
      source: { table: "Single", partitionKey: "PK", sortKey: "SK" },
      otherItems: "ignore",
      tables: [
        {
          name: "Customers",
          primaryKey: ["Id"],
          when: { attribute: "SK", equals: "PROFILE" },
          columns: { Id: { type: "STRING(64)", from: "PK" } },
        },
      ],
    });
    const database = await createMappedDatabase(mapping);
    const items: Item[] = ["PROFILE", "ORDER#1", "ORDER#2"].map((SK) => ({ PK: { S: "c" }, SK: { S: SK } }));
    const result = await loadLines(database, mapping, items);
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ status: "proven", read: 3, written: 1, filtered: 2 });
    expect(await countRows(database, "Customers")).to.equal(1);
  });
});
