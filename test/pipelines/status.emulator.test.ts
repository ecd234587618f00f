import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { noGoReasons } from "../../errors/status-codes";
import type { StatusReport } from "../../pipelines/status-report";
import { ddlDialect, ddlStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { loadTables } from "../../schema/progress-table";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { formatDeadLetter } from "../../transforms/dead-letter";
import { useFolder } from "../export/export-folder";
import { type CommandResult, runCommand, startCommand } from "../support/command-line";
import { createTestSubscription, pubSubEmulator } from "../support/pubsub";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { expectExit, PROCESS_MILLISECONDS, runLoad, sampleMapping, targetWords, writeMapping } from "./load";
import { createMappedDatabase } from "./mapped-database";
import { until } from "./stream-fixture";

const mapping = sampleMapping("migration");

const letter = formatDeadLetter({
  code: "E_ITEM_NO_TYPE",
  message: "made up",
  source: { file: "f", line: 1 },
  payload: "{}",
  at: "2026-01-31T00:00:00.000Z",
});

describe("status", function () {
  this.timeout(2 * PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();

  interface Status extends CommandResult {
    readonly report: StatusReport;
    readonly codes: readonly string[];
  }

  async function status(database: EmulatorDatabase, ...words: readonly string[]): Promise<Status> {
    const result = await runCommand([
      ...["status", ...targetWords(database), "--mapping", mapping, "--json"],
      ...["--dead-letters", join(folder(), "dead-letters"), ...words],
    ]);
    expectExit(result, result.stdout.includes('"verdict": "GO"') ? 0 : 4);
    const report = JSON.parse(result.stdout) as StatusReport;
    return { ...result, report, codes: report.reasons.map(({ code }) => code) };
  }

  for (const dialect of ["googlesql", "postgresql"] as const) {
    it(`goes from NO-GO to GO and back, as loads and verifications are recorded (${dialect})`, async () => {
      const database = await createMappedDatabase(mapping, dialect);
      const { path } = await writeFakeExport({ set: "tutorial", items: 60, seed: 3, files: 2, folder: folder() });
      const load = () => runLoad({ database, mapping, input: path, folder: folder(), options: ["--exclusive"] });
      const before = await status(database);
      expect(before.codes).to.include.members(["NO_GO_LOAD_MISSING", "NO_GO_VERIFICATION_MISSING"]);
      expect(before.report.phase).to.equal("before the load");

      expectExit(await load(), 0);
      const loaded = await status(database);
      expect(loaded.codes).to.deep.equal(["NO_GO_VERIFICATION_MISSING"]);
      expect(loaded.report.load).to.deep.include({
        state: "proven",
        counts: { read: 60, written: 60, stale: 0, filtered: 0, deadLettered: 0 },
      });
      expect(loaded.report.load?.export).to.deep.include({ url: path, items: 60, files: 2 });

      const verify = await runCommand(["verify", ...targetWords(database), "--mapping", mapping, "--input", path]);
      expectExit(verify, 0);
      const ready = await status(database);
      expect(ready.exitCode, ready.stdout).to.equal(0);
      expect(ready.report).to.deep.include({ verdict: "GO", phase: "ready", reasons: [] });

      await mkdir(join(folder(), "dead-letters"), { recursive: true });
      await writeFile(join(folder(), "dead-letters", "one.jsonl"), `${letter}\n`);
      expect((await status(database)).codes).to.deep.equal(["NO_GO_DEAD_LETTERS_OPEN"]);
      await writeFile(join(folder(), "dead-letters", "one.jsonl"), "no letter\n");
      expect((await status(database)).codes).to.deep.equal(["NO_GO_DEAD_LETTERS_UNKNOWN"]);
      await rm(join(folder(), "dead-letters", "one.jsonl"));

      expect((await status(database, "--verified-within", "0")).codes).to.deep.equal(["NO_GO_VERIFICATION_OLD"]);
      expectExit(await load(), 0);
      expect((await status(database)).codes).to.deep.equal(["NO_GO_VERIFICATION_OUTDATED"]);
    });
  }

  it("shows a table with each reason and its remedy", async () => {
    const database = await createMappedDatabase(mapping);
    const result = await runCommand(["status", ...targetWords(database), "--mapping", mapping]);
    expectExit(result, 4);
    expect(result.stdout).to.match(/verdict +│ NO-GO: 3 reasons/);
    expect(result.stdout).to.include(
      `NO_GO_LOAD_MISSING: no load is recorded\n  ${noGoReasons.NO_GO_LOAD_MISSING.remedy}\n`,
    );
  });

  it("asks for indexes of the mapping", async () => {
    const indexed = await writeMapping(folder(), {
      source: { table: "T", partitionKey: "Id" },
      tables: [
        {
          name: "T",
          primaryKey: ["Id"],
          columns: { Id: { type: "STRING(64)" }, N: { type: "INT64" } },
          indexes: [{ name: "ByN", columns: ["N"] }],
        },
      ],
    });
    const database = await createMappedDatabase(indexed);
    expect((await status(database, "--mapping", indexed)).codes).to.include("NO_GO_INDEXES_MISSING");
    expectExit(await runCommand(["schema", "indexes", ...targetWords(database), "--mapping", indexed]), 0);
    expect((await status(database, "--mapping", indexed)).codes).to.not.include("NO_GO_INDEXES_MISSING");
  });

  it("says NO-GO where nothing is recorded; a load without the table of runs is as good as any", async () => {
    const plan = planMigration(parseMapping(await readFile(mapping, "utf8"), mapping));
    const { tables, versionTables } = ddlStatements(plan, "googlesql");
    const database = await createTestDatabase([
      ...tables,
      ...versionTables,
      ...loadTables.map((table) => ddlDialect("googlesql").createProgressTable(table)),
    ]);
    const { path } = await writeFakeExport({ set: "tutorial", items: 10, seed: 3, files: 1, folder: folder() });
    const load = await runLoad({ database, mapping, input: path, folder: folder() });
    expectExit(load, 0);
    expect(load.stderr).to.include("This run is not recorded, for want of the table DynamoDB_Runs");
    expect((await status(database)).codes).to.deep.equal(["NO_GO_RECORDS_MISSING"]);
  });

  describe("with a subscription", () => {
    pubSubEmulator.use();

    it("notes that it is there, warns of its settings, and sees a stream that runs and one that has drained", async () => {
      const database = await createMappedDatabase(mapping);
      const { subscription } = await createTestSubscription({ filter: 'attributes.a = "b"' });
      const first = await status(database, "--subscription", subscription);
      const [sight] = first.report.subscriptions;
      expect(sight).to.deep.include({ name: subscription }).and.to.have.property("seenSince").that.is.a("string");
      expect(first.report.warnings.map(({ code }) => code)).to.include.members([
        "WARN_SUBSCRIPTION_FILTER",
        "WARN_SUBSCRIPTION_ORDER",
      ]);

      const stream = startCommand([
        ...["stream", ...targetWords(database), "--mapping", mapping, "--subscription", subscription],
        ...["--dead-letters", join(folder(), "dead-letters")],
      ]);
      try {
        let seen = first;
        await until(async () => {
          seen = await status(database);
          return seen.report.stream !== null;
        });
        expect(seen.codes).to.include("NO_GO_RUN_ACTIVE");
        expect(seen.report.stream?.state).to.equal("active");
        expect(seen.report.subscriptions).to.deep.equal([sight]);
        stream.process.kill("SIGTERM");
        expectExit(await stream.finished, 0);
      } finally {
        stream.process.kill("SIGKILL");
      }
      const stopped = await status(database);
      expect(stopped.codes).to.include("NO_GO_STREAM_NOT_DRAINED");
      const drained = await status(database, "--drained-for", "0");
      expect(drained.codes).to.not.include.members(["NO_GO_RUN_ACTIVE"]);
      expect(drained.codes).to.not.include("NO_GO_STREAM_NOT_DRAINED");
      expect(drained.report.stream).to.deep.include({ state: "proven" });
      expect(drained.report.stream?.flow).to.deep.include({ subscription, held: 0, lagSeconds: 0, lostSince: null });
    });

    it("warns of one that is not there, and does not note it", async () => {
      const database = await createMappedDatabase(mapping);
      const { report } = await status(database, "--subscription", "missing");
      expect(report.warnings.map(({ code }) => code)).to.deep.equal(["WARN_SUBSCRIPTION_NOT_FOUND"]);
      expect(report.subscriptions[0]?.seenSince).to.equal(null);
    });
  });
});
