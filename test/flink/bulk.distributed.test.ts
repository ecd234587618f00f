import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { EXPORT_PATH, exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { expectAccounted, expectExit, type Load, runLoad, sampleMapping } from "../pipelines/load";
import { countRows, createMappedDatabase, queryRows } from "../pipelines/mapped-database";
import { spannerEmulator } from "../support/spanner";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";

const tutorial = sampleMapping("migration");
const ITEMS = process.env["LONG_TESTS"] === undefined ? 100_000 : 500_000;

describe("bulk --runner flink", function () {
  this.timeout(JOB_MILLISECONDS);
  spannerEmulator.use();
  flinkCluster.use();
  const folder = useFolder();

  const load = async (database: Awaited<ReturnType<typeof createMappedDatabase>>, input: string): Promise<Load> => {
    const { flinkMaster, jobEndpoint } = runningCluster();
    const options = ["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint];
    return runLoad({ database, mapping: tutorial, input, folder: folder(), options });
  };

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
});
