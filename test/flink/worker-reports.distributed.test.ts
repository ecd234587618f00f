import "apache-beam";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { createElements } from "../../beam/create-elements";
import { flinkLauncher } from "../../beam/flink-launcher";
import { bulkCounts } from "../../pipelines/bulk-counts";
import { followWorkers } from "../../pipelines/follow-workers";
import { createLedger } from "../../transforms/ledger";
import { addCounts } from "../../transforms/write-counts";
import { useFolder } from "../export/export-folder";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";
import { CountAndWait } from "./fixtures/steps";

const NUMBERS = Array.from({ length: 40 }, (_, index) => index);

describe("workers on Flink", function () {
  this.timeout(JOB_MILLISECONDS);
  flinkCluster.use();
  const folder = useFolder();

  it("say while the job runs how far they are, and what they warn of", async () => {
    const { flinkMaster, jobEndpoint } = runningCluster();
    const runId = `reports-${process.pid}`;
    const countsFile = { folder: folder(), name: `counts/${runId}.json` };
    const said: string[] = [];
    const followed = followWorkers(countsFile, (text) => said.push(text), 200);
    const job = await flinkLauncher({ flinkMaster, jobEndpoint, jobName: runId, parallelism: 2 }).launch((root) => {
      const counts = bulkCounts({ runId, countsFile });
      counts.apply(root.apply(createElements("Numbers", NUMBERS)), new CountAndWait(runId, folder()));
      counts.store();
    });
    // Each worker waits with its first number.
    while ((followed.total().read ?? 0) < 2) await pause(100);
    expect(followed.total().written).to.equal(0);
    writeFileSync(join(folder(), "go"), "");
    await job.wait();
    await followed.stop();
    expect(said).to.have.length.of.at.least(2);
    for (const text of said) expect(text).to.match(/^\S+, process \d+: number \d+ waits$/);
    const ledger = createLedger();
    await addCounts(countsFile, ledger);
    expect(ledger.total).to.include({ read: NUMBERS.length, written: NUMBERS.length });
  });
});
