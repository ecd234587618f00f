import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { protos, Spanner } from "@google-cloud/spanner";
import { expect } from "chai";
import { createInstanceAndDatabase } from "../../scripts/emulators/spanner-database";
import { useFolder } from "../export/export-folder";
import { expectExit } from "../pipelines/load";
import { queryRows } from "../pipelines/mapped-database";
import { COMMAND_LINE, startProgram } from "../support/command-line";
import { spannerEmulator } from "../support/spanner";
import { type Block, commandsOf, documentBlocks } from "./document-steps";

const FAKE_DATA = join(__dirname, "../../scripts/fake-data/main.js");
const { PLAN, PROFILE } = protos.google.spanner.v1.ExecuteSqlRequest.QueryMode;
const target = { project: "my-project", instance: "my-instance" } as const;

describe("docs/schema-tutorial.md", function () {
  this.timeout(600_000);
  spannerEmulator.use();
  const folder = useFolder();

  it("does what it says, command by command", async () => {
    for (const database of ["tutorial", "shop", "own"]) await createInstanceAndDatabase({ ...target, database });
    const blocks = documentBlocks("schema-tutorial.md");
    const results: string[] = [];
    for (const [at, block] of blocks.entries()) {
      const expected = blocks[at + 1]?.language === "text" ? blocks[at + 1]?.text : undefined;
      const shown = await runBlock(block);
      if (expected !== undefined && shown !== expected) results.push(`line ${block.line} gives\n${shown}`);
    }
    expect(results.join("\n"), "results that are not those of the document").to.equal("");
    await expectReads();
  });

  /** @returns the rows of a query */
  async function runBlock(block: Block): Promise<string | undefined> {
    const { language, title, text } = block;
    if (title !== undefined && ["jsonc", "yaml"].includes(language)) await writeFile(join(folder(), title), text);
    if (language === "sh") for (const words of commandsOf(text)) await runWords(words, block);
    if (language !== "sql" || title === undefined) return undefined;
    if (!text.startsWith("ALTER")) {
      const rows = await queryRows({ ...target, database: title }, text);
      return rows.map((row) => `${row.join(" | ")}\n`).join("");
    }
    await changeSchema(title, text);
    return undefined;
  }

  async function runWords([program = "", ...words]: readonly string[], { fails, line }: Block): Promise<void> {
    if (program === "gcloud") return;
    const path = program === "fake-data" ? FAKE_DATA : COMMAND_LINE;
    const result = await startProgram(path, words, {}, folder()).finished;
    if (!fails) expectExit(result, 0);
    else expect(result.exitCode, `line ${line}`).to.not.equal(0);
  }

  async function changeSchema(name: string, statement: string): Promise<void> {
    await withDatabase(name, async (database) => {
      const [operation] = await database.updateSchema([statement.trim()]);
      await operation.promise();
    });
  }

  /** What the document says of the emulator, and of the rows that the first chapter's query needs. */
  async function expectReads(): Promise<void> {
    const sql = "SELECT Username FROM Migration WHERE Subscribed AND ReminderDate > '2026-12-01'";
    await withDatabase("tutorial", async (database) => {
      const planned = await database.run({ sql, queryMode: PLAN });
      expect([planned[0].length, planned[1]], "PLAN").to.deep.equal([0, undefined]);
      const [found, profile] = await database.run({ sql, queryMode: PROFILE });
      expect(profile.queryPlan, "PROFILE").to.equal(null);
      expect(Object.keys(profile.queryStats?.fields ?? {})).to.have.members(["rows_returned", "elapsed_time"]);
      await expectFailure(database.run({ sql: `EXPLAIN ${sql}` }), /ExplainStatement/);

      const migration = database.table("Migration");
      const [whole] = await migration.read({ columns: ["Username"], keySet: { all: true } });
      expect(whole).to.have.length(5000);
      const index = "SubscribedByReminder";
      // Dates descend, and Null comes last.
      const ranges = [{ startClosed: [true], endOpen: [true, "2026-12-01"] }];
      const read = (columns: string[]) => migration.read({ columns, index, ranges } as never);
      const [range] = await read(["Username", "PointsEarned"]);
      expect(range).to.have.length(44);
      expect(usernames(range)).to.deep.equal(usernames(found));
      await expectFailure(read(["Username", "Zipcode"]), /does not have a column named Zipcode/);
    });
  }
});

async function expectFailure(work: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(String(error)).to.match(message);
}

function usernames(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => (row as { toJSON(): { Username: string } }).toJSON().Username).sort();
}

async function withDatabase(
  name: string,
  use: (database: ReturnType<ReturnType<Spanner["instance"]>["database"]>) => Promise<void>,
): Promise<void> {
  const spanner = new Spanner({ projectId: target.project });
  const database = spanner.instance(target.instance).database(name, { min: 0 });
  try {
    await use(database);
  } finally {
    await database.close();
    spanner.close();
  }
}
