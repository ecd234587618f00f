import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { openFlinkRest } from "../../beam/flink-rest";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { useFolder } from "../export/export-folder";
import { expectAccounted, expectExit, type LoadOptions, runLoad, sampleMapping, startLoad } from "../pipelines/load";
import { countRows, createMappedDatabase } from "../pipelines/mapped-database";
import { spannerEmulator } from "../support/spanner";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";

const tutorial = sampleMapping("migration");
const ITEMS = 200_000;

describe("bulk --runner flink: a load that was stopped goes on", function () {
  this.timeout(2 * JOB_MILLISECONDS);
  spannerEmulator.use();
  flinkCluster.use();
  const folder = useFolder();

  it("launcher killed and job cancelled in the middle: the next run does the rest, and proves all of it", async () => {
    const { flinkMaster, jobEndpoint } = runningCluster();
    const input = join(folder(), "export");
    await writeFakeExport({ set: "tutorial", items: ITEMS, seed: 1, files: 8, folder: input });
    const load: LoadOptions = {
      ...{ database: await createMappedDatabase(tutorial), mapping: tutorial, input, folder: folder() },
      options: [
        ...["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint],
        ...["--record-interval", "0.5"],
      ],
    };
    const { command, finished } = await startLoad(load);
    await command.waitForError(/Flink job \S+:/);
    while ((await countRows(load.database, "DynamoDB_LoadParts")) < 2) await pause(200);
    command.process.kill("SIGKILL");
    const [, name = ""] = /Flink job (\S+):/.exec((await finished()).stderr) ?? [];
    const flink = openFlinkRest(flinkMaster);
    const job = await flink.findJob(name);
    if (job !== undefined) await flink.cancelJob(job.id);
    while ((await flink.findJob(name))?.state !== "CANCELED") await pause(200);
    expect(await countRows(load.database, "Migration"))
      .to.be.greaterThan(0)
      .and.lessThan(ITEMS);

    const second = await runLoad(load);
    expectExit(second, 0);
    const summary = expectAccounted(second.summary);
    expect(summary).to.include({ status: "proven", read: ITEMS, written: ITEMS, expected: ITEMS });
    expect(summary.earlier?.read).to.be.greaterThan(0).and.lessThan(ITEMS);
    expect(await countRows(load.database, "Migration")).to.equal(ITEMS);

    const third = await runLoad(load);
    expectExit(third, 0);
    expect(third.stderr).to.match(/The load of this export is finished already/);
    expect(expectAccounted(third.summary)).to.deep.include({
      status: "proven",
      earlier: { read: ITEMS, written: ITEMS },
    });
  });
});
