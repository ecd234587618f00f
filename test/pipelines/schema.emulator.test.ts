import { expect } from "chai";
import type { Dialect } from "../../schema/column-type";
import { freePort } from "../../scripts/emulators/free-port";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { useFolder } from "../export/export-folder";
import { type CommandResult, runCommand } from "../support/command-line";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import {
  detailsOf,
  expectError,
  expectExit,
  PROCESS_MILLISECONDS,
  runLoad,
  sampleMapping,
  targetWords,
  writeMapping,
} from "./load";
import { queryRows } from "./mapped-database";

const hard = sampleMapping("hard");

/** The statements of a command's output, without comments and white space around them. */
function statementsOf({ stdout }: CommandResult): readonly string[] {
  return stdout
    .replace(/^--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

describe("schema", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  const apply = (database: EmulatorDatabase, mapping: string, ...options: readonly string[]) =>
    runCommand(["schema", "apply", ...targetWords(database), "--mapping", mapping, ...options]);

  for (const { dialect, tablesQuery } of [
    {
      dialect: "googlesql",
      tablesQuery: "SELECT table_name FROM information_schema.tables WHERE table_schema = '' ORDER BY table_name",
    },
    {
      dialect: "postgresql",
      tablesQuery: "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
    },
  ] as const satisfies readonly { dialect: Dialect; tablesQuery: string }[]) {
    it(`print shows DDL that Spanner takes as it is (${dialect})`, async () => {
      const printed = await runCommand(["schema", "print", "--mapping", hard, "--dialect", dialect]);
      expectExit(printed, 0);
      const statements = statementsOf(printed);
      expect(statements.filter((statement) => statement.startsWith("CREATE TABLE"))).to.have.length(7);
      expect(statements.filter((statement) => statement.startsWith("CREATE INDEX"))).to.have.length(1);
      const database = await createTestDatabase(statements, { dialect });
      expect((await queryRows(database, tablesQuery)).flat()).to.have.members([
        "Customers",
        "CustomerOrders",
        "Customers_Versions",
        "CustomerOrders_Versions",
        "DynamoDB_Loads",
        "DynamoDB_LoadParts",
        "DynamoDB_Runs",
      ]);
    });

    it(`apply makes the tables, in a second run nothing, and bulk loads into them (${dialect})`, async () => {
      const database = await createTestDatabase([], { dialect });
      const first = await apply(database, hard);
      expectExit(first, 0);
      expect(statementsOf(first)).to.have.length(7);
      expect(first.stderr).to.match(/7 statements were run in projects\/.*\/databases\/test-/);
      const second = await apply(database, hard);
      expectExit(second, 0);
      expect(second.stdout).to.equal("");
      expect(second.stderr).to.match(/The database has all the tables already\./);

      await writeFakeExport({ set: "hard", items: 25, seed: 2, files: 2, folder: folder() });
      const load = await runLoad({ database, mapping: hard, input: folder(), folder: folder() });
      expectExit(load, 0);
      expect(load.summary).to.include({ status: "proven", written: 25 });
    });
  }

  it("apply makes only what is missing", async () => {
    const printed = await runCommand(["schema", "print", "--mapping", hard]);
    const database = await createTestDatabase(statementsOf(printed).slice(0, 2));
    const result = await apply(database, hard);
    expectExit(result, 0);
    expect(statementsOf(result).map((statement) => statement.split("(")[0]?.trim())).to.deep.equal([
      "CREATE TABLE `Customers_Versions`",
      "CREATE TABLE `CustomerOrders_Versions`",
      "CREATE TABLE `DynamoDB_Loads`",
      "CREATE TABLE `DynamoDB_LoadParts`",
      "CREATE TABLE `DynamoDB_Runs`",
    ]);
  });

  it("apply refuses what differs, with all differences, and creates nothing", async () => {
    const database = await createTestDatabase([
      "CREATE TABLE Customers (CustomerId STRING(64) NOT NULL, Name INT64, Extra STRING(MAX)) PRIMARY KEY (CustomerId)",
    ]);
    const result = await apply(database, hard);
    expectError(result, "E_SCHEMA_DIFFERS", /the database does not fit the mapping: 17 differences/);
    const details = detailsOf(result);
    expect(details).to.have.length(17);
    for (const column of ["Name", "Extra", "Joined", "Geo"]) {
      expect(details.some((detail) => detail.includes(column))).to.equal(true, column);
    }
    expect(
      await queryRows(database, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ''"),
    ).to.deep.equal([["1"]]);
  });

  it("print refuses what the dialect lacks", async () => {
    const mapping = await writeMapping(folder(), {
      source: { table: "T", partitionKey: "PK" },
      tables: [{ name: "T", primaryKey: ["PK"], columns: { PK: { type: "NUMERIC" } } }],
    });
    const result = await runCommand(["schema", "print", "--mapping", mapping, "--dialect", "postgresql"]);
    expectError(result, "E_MAPPING_INVALID", /does not fit a postgresql database/);
    expect(result.stdout).to.equal("");
  });

  it("apply needs a database that answers", async () => {
    const target = targetWords({ project: "test-project", instance: "test-instance", database: "none" });
    const result = await runCommand(["schema", "apply", ...target, "--mapping", hard, "--spanner-timeout", "3"], {
      SPANNER_EMULATOR_HOST: `127.0.0.1:${await freePort()}`,
    });
    expectError(result, "E_SPANNER_UNREACHABLE", /database none of instance test-instance/);
  });
});
