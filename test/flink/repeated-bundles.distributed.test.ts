import "apache-beam";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createElements } from "../../beam/create-elements";
import { flinkLauncher } from "../../beam/flink-launcher";
import { bulkCounts } from "../../pipelines/bulk-counts";
import { type FlinkCluster, startFlinkCluster } from "../../scripts/flink/flink-cluster";
import { createLedger } from "../../transforms/ledger";
import { addCounts } from "../../transforms/write-counts";
import { useFolder } from "../export/export-folder";
import { JOB_MILLISECONDS } from "./cluster";
import { KilledOnce } from "./fixtures/steps";

const NUMBERS = Array.from({ length: 60 }, (_, index) => index);

for (const restarts of [1, 0]) {
  describe(`a worker killed on a cluster that restarts jobs ${restarts} times`, function () {
    this.timeout(JOB_MILLISECONDS);
    const folder = useFolder();
    let cluster: FlinkCluster | undefined;

    before(async () => {
      cluster = await startFlinkCluster("bulk", restarts);
    });
    after(() => cluster?.stop());

    it(
      restarts === 0 ? "ends the job and says so" : "is made good by another, and everything counts once",
      async () => {
        if (cluster === undefined) throw new Error("the cluster does not run");
        const { flinkMaster, jobEndpoint } = cluster;
        const countsFile = { folder: folder(), name: "counts/killed.json" };
        const launcher = flinkLauncher({ flinkMaster, jobEndpoint, jobName: "killed" });
        const job = await launcher.launch((root) => {
          const counts = bulkCounts({ runId: "killed", countsFile });
          counts.apply(root.apply(createElements("Numbers", NUMBERS)), new KilledOnce("killed", folder()));
          counts.store();
        });
        const error: unknown = await job.wait().catch((reason: unknown) => reason);
        expect(existsSync(join(folder(), "killed")), "a worker was killed").to.equal(true);
        if (restarts === 0) {
          expect(error).to.have.property("code", "E_WORKER_LOST");
          expect(existsSync(join(folder(), countsFile.name)), "counts").to.equal(false);
          return;
        }
        expect(error).to.equal(undefined);
        const ledger = createLedger();
        await addCounts(countsFile, ledger);
        expect(ledger.total).to.include({ read: NUMBERS.length, written: NUMBERS.length });
        for (const rest of [0, 1, 2]) expect(ledger.files.get(`file ${rest}`)).to.include({ read: 20, written: 20 });
        const { read, written } = await job.counters();
        expect({ read, written }, "Beam counters").to.deep.equal({ read: NUMBERS.length, written: NUMBERS.length });
      },
    );
  });
}
