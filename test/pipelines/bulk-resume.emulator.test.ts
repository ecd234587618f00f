import { cp, mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { readMappingFile } from "../../pipelines/mapping-file";
import { ddlStatements } from "../../schema/ddl";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { randomAt } from "../../scripts/fake-data/random";
import { EXPORT_PATH, exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import {
  detailsOf,
  expectAccounted,
  expectError,
  expectExit,
  type Load,
  type LoadOptions,
  PROCESS_MILLISECONDS,
  type RunningLoad,
  runLoad,
  sampleMapping,
  startLoad,
  writeMapping,
} from "./load";
import { changeRows, countRows, createMappedDatabase, queryRows } from "./mapped-database";

const hard = sampleMapping("hard");
const tutorial = sampleMapping("migration");
/** Whatever is finished is recorded at once. */
const AT_ONCE = ["--record-interval", "0"];

/** Dead letters without when, each once: a run that is killed may have stored some that it has not recorded. */
function distinctLetters({ deadLetters }: Load): readonly string[] {
  return [...new Set(deadLetters.map(({ at, ...letter }) => JSON.stringify(letter)))].sort();
}

async function contents(database: EmulatorDatabase, ...tables: readonly string[]): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const table of tables) {
    for (const row of await queryRows(database, `SELECT * FROM ${table}`)) rows.push(JSON.stringify([table, row]));
  }
  return rows.sort();
}

describe("bulk: a load that was stopped goes on", function () {
  this.timeout(3 * PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  let proxy: GrpcProxy;
  let running: RunningLoad | undefined;
  beforeEach(async () => {
    proxy = await startGrpcProxy((await spannerEmulator.running()).address);
  });
  afterEach(async () => {
    running?.command.process.kill("SIGKILL");
    await proxy.stop();
  });

  /** Runs a load, and kills it when a commit is on its way to Spanner or back; or lets it end if it has no so many. */
  const kill = async (load: LoadOptions, point: "request" | "answer", commits: number): Promise<Load> => {
    const hold = proxy.hold("Commit", point, commits);
    running = await startLoad({ ...load, environment: { SPANNER_EMULATOR_HOST: proxy.address } });
    await Promise.race([hold.reached(), running.command.finished]);
    running.command.process.kill("SIGKILL");
    const killed = await running.finished();
    hold.drop();
    return killed;
  };

  for (const mode of [[], ["--exclusive"]]) {
    it(`killed at any commit, again and again (${mode[0] ?? "default"}): rows, dead letters and counts are exact`, async () => {
      const seed = Number(process.env["TEST_SEED"] ?? 1);
      const random = randomAt(seed, mode.length);
      const input = join(folder(), "export");
      await writeFakeExport({ set: "hard", items: 3000, seed, files: 5, folder: input });
      const at = async (name: string): Promise<LoadOptions> => {
        await mkdir(join(folder(), name));
        const options = [...mode, ...AT_ONCE, "--commits-in-flight", "3"];
        return {
          database: await createMappedDatabase(hard),
          mapping: hard,
          input,
          folder: join(folder(), name),
          options,
        };
      };
      const whole = await at("whole");
      const expected = await runLoad(whole);
      const load = await at("killed");
      for (let kills = 0; kills < 6; kills++) {
        const { signal } = await kill(load, random.pick(["request", "answer"]), 1 + random.integer(9));
        expect(signal, `seed ${seed}`).to.equal("SIGKILL");
      }
      const last = await runLoad(load);
      expect(last.exitCode, `seed ${seed}: ${last.stderr}`).to.equal(expected.exitCode);
      const { elapsedSeconds, earlier, ...counts } = expectAccounted(last.summary);
      const { elapsedSeconds: _, earlier: none, ...all } = expectAccounted(expected.summary);
      expect(counts, `seed ${seed}`).to.deep.equal(all);
      expect(none?.read).to.equal(0);
      expect(earlier?.read, `seed ${seed}`).to.be.greaterThan(0);
      expect(last.stderr).to.match(/Going on with the load that was begun at .*: run 7/);
      expect(distinctLetters(last), `seed ${seed}`).to.deep.equal(distinctLetters(expected));
      expect(await contents(load.database, "Customers", "CustomerOrders")).to.deep.equal(
        await contents(whole.database, "Customers", "CustomerOrders"),
      );
    });
  }

  const items = 12_000;
  const tutorialLoad = async (...options: readonly string[]): Promise<LoadOptions> => {
    const input = join(folder(), "export");
    await writeFakeExport({ set: "tutorial", items, seed: 7, files: 2, folder: input });
    return { database: await createMappedDatabase(tutorial), mapping: tutorial, input, folder: folder(), options };
  };
  /** Some blocks are recorded, others are not even read. */
  const begun = async (): Promise<LoadOptions> => {
    const load = await tutorialLoad(...AT_ONCE);
    await kill(load, "request", 6);
    expect(await countRows(load.database, "DynamoDB_LoadParts")).to.be.greaterThan(0);
    return load;
  };

  it("writes only what is not finished", async () => {
    const load = await begun();
    const [[finished]] = (await queryRows(load.database, "SELECT SUM(Lines) FROM DynamoDB_LoadParts")) as [[string]];
    // What is recorded is not looked at again: these rows stay away.
    await changeRows(
      load.database,
      "DELETE FROM Migration WHERE TRUE",
      "INSERT INTO Migration (Username) VALUES ('!')",
    );
    const second = await runLoad(load);
    expectExit(second, 0);
    expect(expectAccounted(second.summary)).to.deep.include({
      status: "proven",
      written: items,
      earlier: { read: Number(finished), written: Number(finished) },
    });
    expect(await countRows(load.database, "Migration")).to.equal(items - Number(finished) + 1);
  });

  it("SIGINT: what is written is recorded, though no record was due", async () => {
    const load = await tutorialLoad("--record-interval", "3600");
    const hold = proxy.hold("Commit", "answer", 3);
    running = await startLoad({ ...load, environment: { SPANNER_EMULATOR_HOST: proxy.address } });
    await Promise.race([hold.reached(), running.command.finished]);
    running.command.process.kill("SIGINT");
    await running.command.waitForError(/SIGINT: finishing the commits under way/);
    hold.release();
    const stopped = await running.finished();
    expectError(stopped, "E_INTERRUPTED", /stopped by SIGINT/);
    const [[finished]] = (await queryRows(load.database, "SELECT SUM(Lines) FROM DynamoDB_LoadParts")) as [[string]];
    expect(Number(finished))
      .to.be.greaterThan(0)
      .and.at.most(await countRows(load.database, "Migration"));
    expect(await queryRows(load.database, "SELECT Status, Runs FROM DynamoDB_Loads")).to.deep.equal([
      ["interrupted", "1"],
    ]);
    expectExit(await runLoad(load), 0);
    expect(await countRows(load.database, "Migration")).to.equal(items);
  });

  it("a finished load says so and writes nothing; --restart loads everything anew", async () => {
    const load = await tutorialLoad();
    expectExit(await runLoad(load), 0);
    await changeRows(load.database, "UPDATE Migration SET Zipcode = -1 WHERE TRUE");
    const again = await runLoad(load);
    expectExit(again, 0);
    expect(again.stderr).to.match(/The load of this export is finished already/);
    expect(expectAccounted(again.summary)).to.deep.include({
      status: "proven",
      read: items,
      earlier: { read: items, written: items },
    });
    expect(again.summary?.files).to.have.length(2);
    const untouched = "SELECT COUNT(*) FROM Migration WHERE Zipcode = -1";
    expect(await queryRows(load.database, untouched)).to.deep.equal([[String(items)]]);
    const anew = await runLoad({ ...load, options: ["--restart"] });
    expectExit(anew, 0);
    expect(expectAccounted(anew.summary)).to.deep.include({ written: items, earlier: { read: 0, written: 0 } });
    expect(await queryRows(load.database, untouched)).to.deep.equal([["0"]]);
  });

  it("a finished load with dead letters keeps its exit code, and says where they are", async () => {
    const input = join(folder(), "export");
    const item = (name: string, points: string) =>
      `{"Item":{"Username":{"S":"${name}"},"PointsEarned":{"N":"${points}"}}}`;
    await writeFiles(input, exportFiles({ "a.json.gz": [item("a", "1"), item("b", "1.5")], "empty.json.gz": [] }));
    const load = { database: await createMappedDatabase(tutorial), mapping: tutorial, input, folder: folder() };
    const first = await runLoad(load);
    expectExit(first, 3);
    const again = await runLoad(load);
    expectExit(again, 3);
    expect(again.stderr)
      .to.match(/The load of this export is finished already/)
      .and.to.match(/1 dead letter in/);
    expect(distinctLetters(again)).to.deep.equal(distinctLetters(first)).and.to.have.length(1);
    expect(again.deadLetters).to.have.length(1);
    const elsewhere = await runLoad({ ...load, options: ["--dead-letters", join(folder(), "other")] });
    expect(elsewhere.stderr).to.match(/Dead letters of the run before this one are in .*dead-letters/);
  });

  it("refuses to go on with another mapping, export or mode; --restart begins anew", async () => {
    const load = await begun();
    const rows = await countRows(load.database, "Migration");
    const other = { ...JSON.parse(await readFile(tutorial, "utf8")) };
    other.tables[0].columns.Zipcode.from = "PostalCode";
    other.tables[0].otherAttributes = "ignore";
    const mapping = await writeMapping(folder(), other);
    const changed = await runLoad({ ...load, mapping });
    expectError(changed, "E_LOAD_CHANGED", /is not finished, and this is another one/);
    expect(detailsOf(changed)).to.deep.equal(["the mapping is another one for Migration"]);
    const exclusive = await runLoad({ ...load, options: ["--exclusive"] });
    expectError(exclusive, "E_LOAD_CHANGED", /this is another one/);
    expect(detailsOf(exclusive)).to.deep.equal(["it was begun without --exclusive"]);
    const input = join(folder(), "other");
    await writeFakeExport({ set: "tutorial", items: 10, seed: 8, files: 2, folder: input });
    const exported = await runLoad({ ...load, input });
    expectError(exported, "E_LOAD_CHANGED", /this is another one/);
    expect(detailsOf(exported)[0]).to.match(/^the export is another one: it was .*export/);
    expect(await countRows(load.database, "Migration")).to.equal(rows);
    const anew = await runLoad({ ...load, mapping, options: ["--restart"] });
    expectExit(anew, 0);
    expect(expectAccounted(anew.summary)).to.deep.include({ written: items, earlier: { read: 0, written: 0 } });
    expect(await queryRows(load.database, "SELECT COUNT(*) FROM Migration WHERE Zipcode IS NOT NULL")).to.deep.equal([
      ["0"],
    ]);
    // It is finished: now another one may begin.
    expectExit(await runLoad(load), 0);
    expect(await queryRows(load.database, "SELECT COUNT(*) FROM DynamoDB_Loads")).to.deep.equal([["1"]]);
  });

  it("refuses what was recorded of rows that are gone", async () => {
    const load = await begun();
    await changeRows(load.database, "DELETE FROM Migration WHERE TRUE");
    expectError(await runLoad(load), "E_LOAD_ROWS_GONE", /there are none in Migration/);
    expectExit(await runLoad({ ...load, options: ["--restart"] }), 0);
    expect(await countRows(load.database, "Migration")).to.equal(items);
  });

  it("refuses to go on in a file that was altered when its first rows were read", async () => {
    const input = join(folder(), "export");
    const line = (name: number, points: number) =>
      JSON.stringify({ Item: { Username: { S: `${name}`.padStart(200, "0") }, PointsEarned: { N: String(points) } } });
    const lines = (points: number) => Array.from({ length: 8000 }, (_, index) => line(index, points));
    await writeFiles(input, exportFiles({ "a.json.gz": lines(1) }));
    const data = join(input, EXPORT_PATH, "data", "a.json.gz");
    await rename(data, `${folder()}/right`);
    await writeFiles(join(folder(), "wrong"), exportFiles({ "a.json.gz": lines(2) }));
    await cp(join(folder(), "wrong", EXPORT_PATH, "data", "a.json.gz"), data);
    const load = {
      ...{ database: await createMappedDatabase(tutorial), mapping: tutorial, input, folder: folder() },
      options: AT_ONCE,
    };
    expectError(await runLoad(load), "E_EXPORT_FILE_ALTERED", /was altered/);
    expect(await countRows(load.database, "DynamoDB_LoadParts")).to.be.greaterThan(0);
    await rename(`${folder()}/right`, data);
    expectError(await runLoad(load), "E_LOAD_FILE_CHANGED", /are not those that an earlier run of this load has read/);
    expectExit(await runLoad({ ...load, options: ["--restart"] }), 0);
    const wrong = "SELECT COUNT(*) FROM Migration WHERE PointsEarned <> 1";
    expect(await queryRows(load.database, wrong)).to.deep.equal([["0"]]);
  });

  it("a run whose load another one has begun anew ends; two runs of one load both prove it", async () => {
    const load = await begun();
    const hold = proxy.hold("Commit", "request", 2);
    running = await startLoad({ ...load, environment: { SPANNER_EMULATOR_HOST: proxy.address } });
    await Promise.race([hold.reached(), running.command.finished]);
    const [beside, besides] = ["beside", "besides"].map((name) => join(folder(), name)) as [string, string];
    for (const each of [beside, besides]) await mkdir(each);
    const other = await runLoad({ ...load, folder: beside });
    expectExit(other, 0);
    expect(expectAccounted(other.summary)).to.include({ status: "proven", written: items });
    hold.release();
    const held = await running.finished();
    expectExit(held, 0);
    expect(expectAccounted(held.summary)).to.include({ status: "proven", written: items });
    expectExit(await runLoad(load), 0);

    const restart = { ...load, options: [...AT_ONCE, "--restart"] };
    const again = proxy.hold("Commit", "request", 3);
    running = await startLoad({ ...restart, environment: { SPANNER_EMULATOR_HOST: proxy.address } });
    await Promise.race([again.reached(), running.command.finished]);
    expectExit(await runLoad({ ...restart, folder: besides }), 0);
    again.release();
    expectError(await running.finished(), "E_LOAD_REPLACED", /the record of load .* is gone/);
  });

  it("wants the tables for its record, unless there is no manifest", async () => {
    const load = await tutorialLoad();
    const ddl = ddlStatements(readMappingFile(tutorial), "googlesql");
    const database = await createTestDatabase([...ddl.tables, ...ddl.versionTables]);
    const result = await runLoad({ ...load, database });
    expectError(result, "E_SCHEMA_DIFFERS", /2 differences/);
    expect(detailsOf(result)[0]).to.equal("table DynamoDB_Loads does not exist; `schema apply` creates it");
    expectExit(await runLoad({ ...load, database, options: ["--no-manifest"] }), 0);
    expect(await countRows(database, "Migration")).to.equal(items);
  });
});
