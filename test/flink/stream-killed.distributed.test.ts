import { expect } from "chai";
import { type FlinkCluster, startFlinkCluster } from "../../scripts/flink/flink-cluster";
import { finalState, itemsMapping, randomChanges, shuffled } from "../pipelines/item-changes";
import { createStreamFixture, type StreamFixture, until } from "../pipelines/stream-fixture";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { JOB_MILLISECONDS } from "./cluster";
import { clusterProcesses } from "./cluster-processes";

const ITEMS = 300;
const CHANGES = 12_000;
const PORTION = CHANGES / 4;

describe("stream --runner flink whose processes are killed", function () {
  this.timeout(JOB_MILLISECONDS * 2);
  pubSubEmulator.use();
  spannerEmulator.use();
  let cluster: FlinkCluster;
  let fixture: StreamFixture;

  before(async () => {
    cluster = await startFlinkCluster("bulk and stream");
    fixture = await createStreamFixture(itemsMapping);
  });
  after(async () => {
    await fixture?.remove();
    await cluster?.stop();
  });

  it("loses nothing with a worker, a TaskManager and the job server, one after the other", async () => {
    const changes = randomChanges({ seed: 6, items: ITEMS, changes: CHANGES });
    const isThere = async (count: number) =>
      JSON.stringify(await fixture.itemsState()) === JSON.stringify(finalState(changes.slice(0, count)));
    const { flinkMaster, jobEndpoint, expansionService = "" } = cluster;
    const command = fixture.start("flink", [
      ...["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint],
      ...["--expansion-service", expansionService, "--checkpoint-interval", "2"],
    ]);
    let published = 0;
    /** Publishes some changes, ends a process while they are being applied, and waits until all have been. */
    const killing = async (kill: () => Promise<void>): Promise<void> => {
      const before = JSON.stringify(await fixture.itemsState());
      await fixture.publish(shuffled(changes.slice(published, published + PORTION), 6, 20));
      published += PORTION;
      await until(async () => JSON.stringify(await fixture.itemsState()) !== before);
      await kill();
      await until(() => isThere(published));
    };
    const processes = () => clusterProcesses(cluster.logs);

    await killing(async () => undefined);
    await killing(async () => {
      const [worker] = (await processes()).workers;
      process.kill(worker ?? expect.fail("there is no worker"), "SIGKILL");
    });
    await killing(async () => {
      const { taskManagers, workers } = await processes();
      expect(taskManagers).to.have.length(2);
      process.kill(taskManagers[0] ?? expect.fail("there is no TaskManager"), "SIGKILL");
      await cluster.addTaskManager();
      // The workers of the one that has gone end by themselves.
      await until(async () => workers.filter(isAlive).length < workers.length);
    });
    await killing(async () => {
      const { jobServer } = await processes();
      process.kill(jobServer ?? expect.fail("there is no job server"), "SIGKILL");
    });

    command.process.kill("SIGINT");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(0);
    expect(stderr).to.match(/No change is lost; Flink starts the job again/);
    expect(await fixture.letters()).to.deep.equal([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
