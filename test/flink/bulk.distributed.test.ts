import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { openFlinkRest } from "../../beam/flink-rest";
import { freePort } from "../../scripts/emulators/free-port";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { EXPORT_PATH, exportFiles, useFolder, writeFiles } from "../export/export-folder";
import {
  expectAccounted,
  expectError,
  expectExit,
  type Load,
  type LoadOptions,
  runLoad,
  sampleMapping,
  startLoad,
} from "../pipelines/load";
import { countRows, createMappedDatabase, queryRows } from "../pipelines/mapped-database";
import { startProgram } from "../support/command-line";
import { spannerEmulator } from "../support/spanner";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";

const tutorial = sampleMapping("migration");
const ITEMS = process.env["LONG_TESTS"] === undefined ? 100_000 : 500_000;

interface Share {
  readonly taskManager: string;
  readonly files: number;
}

/** How many data files each task of a load was given, by Flink's own account. */
async function filesRead({ stderr }: Load): Promise<readonly Share[]> {
  const { flinkMaster } = runningCluster();
  const get = async (path: string) => (await fetch(`http://${flinkMaster}${path}`)).json() as Promise<unknown>;
  const [, name = ""] = /Flink job (\S+):/.exec(stderr) ?? [];
  const job = await openFlinkRest(flinkMaster).findJob(name);
  const { vertices } = (await get(`/jobs/${job?.id}`)) as { vertices: { id: string; name: string }[] };
  const reading = vertices.find((vertex) => vertex.name.includes("ReadExport"));
  const { subtasks } = (await get(`/jobs/${job?.id}/vertices/${reading?.id}`)) as {
    subtasks: { "taskmanager-id": string; metrics: { "read-records": number } }[];
  };
  return subtasks.map((task) => ({ taskManager: task["taskmanager-id"], files: task.metrics["read-records"] }));
}

describe("bulk --runner flink", function () {
  this.timeout(JOB_MILLISECONDS);
  spannerEmulator.use();
  flinkCluster.use();
  const folder = useFolder();

  const onFlink = (database: EmulatorDatabase, input: string): LoadOptions => {
    const { flinkMaster, jobEndpoint } = runningCluster();
    const options = ["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint];
    return { database, mapping: tutorial, input, folder: folder(), options };
  };
  const load = (database: EmulatorDatabase, input: string) => runLoad(onFlink(database, input));

  it(`loads ${ITEMS} items and proves them, file by file`, async () => {
    const database = await createMappedDatabase(tutorial);
    const input = join(folder(), "export");
    await writeFakeExport({ set: "tutorial", items: ITEMS, seed: 1, files: 16, folder: input });
    const result = await load(database, input);
    expectExit(result, 0);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({ status: "proven", read: ITEMS, written: ITEMS, expected: ITEMS });
    expect(summary.files).to.have.length(16);
    expect(await countRows(database, "Migration")).to.equal(ITEMS);
    const shares = await filesRead(result);
    expect(new Set(shares.map(({ taskManager }) => taskManager)), "TaskManagers").to.have.property("size", 2);
    for (const { files } of shares) expect(files, JSON.stringify(shares)).to.be.greaterThan(2);
  });

  it("stores dead letters as the direct runner does", async () => {
    const database = await createMappedDatabase(tutorial);
    const input = join(folder(), "export");
    const good = (name: string) => JSON.stringify({ Item: { Username: { S: name }, PointsEarned: { N: "1" } } });
    const bad = (name: string) => JSON.stringify({ Item: { Username: { S: name }, PointsEarned: { N: "1.5" } } });
    const files = { "a.json.gz": [good("a"), bad("b"), good("c")], "b.json.gz": [bad("d"), "{", good("e")] };
    await writeFiles(input, exportFiles(files));
    const result = await load(database, input);
    expectExit(result, 3);
    expect(expectAccounted(result.summary)).to.include({ read: 6, written: 3, deadLettered: 3 });
    const url = (name: string) => join(input, EXPORT_PATH, "data", name);
    expect(
      result.deadLetters.map(({ source, ...letter }) => ({
        source,
        ...("payload" in letter ? { payload: letter.payload } : {}),
      })),
    ).to.deep.equal([
      { source: { file: url("a.json.gz"), line: 2 }, payload: bad("b") },
      { source: { file: url("b.json.gz"), line: 1 }, payload: bad("d") },
      { source: { file: url("b.json.gz"), line: 2 }, payload: "{" },
    ]);
    expect(await queryRows(database, "SELECT Username FROM Migration ORDER BY Username")).to.deep.equal([
      ["a"],
      ["c"],
      ["e"],
    ]);
  });

  it("loads by workers of a pool, which it names, and says so if there is none", async () => {
    const database = await createMappedDatabase(tutorial);
    const input = join(folder(), "export");
    await writeFakeExport({ set: "tutorial", items: 1000, seed: 1, files: 4, folder: input });
    const port = await freePort();
    const pool = startProgram(join(__dirname, "../../beam/worker-pool-main.js"), ["--port", String(port)]);
    try {
      await pool.waitForError(/worker pool on/);
      const flink = onFlink(database, input);
      const words = ["--worker-environment", "external", "--worker-pool", `localhost:${port}`];
      const byPool = (...more: string[]) =>
        runLoad({ ...flink, options: [...(flink.options ?? []), ...words, ...more] });
      const result = await byPool();
      expectExit(result, 0);
      expect(expectAccounted(result.summary)).to.include({ status: "proven", written: 1000 });
      pool.process.kill("SIGTERM");
      expect((await pool.finished).exitCode).to.equal(0);
      // Anew: what is finished needs no worker.
      expectError(await byPool("--restart"), "E_WORKER_START", new RegExp(`no worker pool at .*:${port}`));
    } finally {
      pool.process.kill("SIGKILL");
    }
  });

  it("does with two levels of tables and awkward items what the direct runner does", async () => {
    const input = join(folder(), "export");
    const mapping = sampleMapping("hard");
    await writeFakeExport({ set: "hard", items: 2000, seed: 1, files: 5, folder: input });
    const outcome = async (options: readonly string[], name: string) => {
      const database = await createMappedDatabase(mapping);
      const result = await runLoad({ database, mapping, input, folder: join(folder(), name), options });
      const { elapsedSeconds, ...summary } = expectAccounted(result.summary);
      const letters = result.deadLetters.map(({ at, ...letter }) => letter);
      return { exitCode: result.exitCode, summary, letters };
    };
    for (const name of ["flink", "direct"]) await mkdir(join(folder(), name));
    const { options } = onFlink({ project: "", instance: "", database: "" }, input);
    const onCluster = await outcome(options ?? [], "flink");
    expect(onCluster.summary.read).to.equal(2000);
    expect(onCluster).to.deep.equal(await outcome([], "direct"));
  });

  it("ends with the error of an altered file, as the direct runner does", async () => {
    const database = await createMappedDatabase(tutorial);
    const input = join(folder(), "export");
    const line = JSON.stringify({ Item: { Username: { S: "a" } } });
    const files = exportFiles({ "a.json.gz": [line], "b.json.gz": [line.replace("a", "b")] });
    await writeFiles(input, files);
    const data = join(input, EXPORT_PATH, "data");
    const [first = "", second = ""] = (await readdir(data)).sort();
    const other = await readFile(join(data, first));
    await writeFiles(data, new Map([[second, other]]));
    const result = await load(database, input);
    expectExit(result, 1);
    expect(result.stderr).to.match(/E_EXPORT_FILE_ALTERED: .*b\.json\.gz was altered/);
  });

  it("cancels the job on Flink when it is interrupted", async () => {
    const database = await createMappedDatabase(tutorial);
    const input = join(folder(), "export");
    await writeFakeExport({ set: "tutorial", items: 500_000, seed: 1, files: 16, folder: input });
    const { command, finished } = await startLoad(onFlink(database, input));
    await command.waitForError(/Flink job \S+:/);
    while ((await countRows(database, "Migration")) === 0) await pause(200);
    command.process.kill("SIGINT");
    const result = await finished();
    expectError(result, "E_INTERRUPTED", /stopped by SIGINT/);
    const [, name = ""] = /Flink job (\S+):/.exec(result.stderr) ?? [];
    expect(await openFlinkRest(runningCluster().flinkMaster).findJob(name)).to.have.property("state", "CANCELED");
    // Nothing of it goes on in the background.
    const left = await countRows(database, "Migration");
    await pause(1000);
    expect(await countRows(database, "Migration")).to.equal(left);
  });
});
