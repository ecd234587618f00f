import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { installFlink } from "../../scripts/flink/flink-programs";
import { finalState, itemsMapping, randomChanges, shuffled } from "../pipelines/item-changes";
import { expectError } from "../pipelines/load";
import { createStreamFixture, type StreamFixture, until } from "../pipelines/stream-fixture";
import type { RunningCommand } from "../support/command-line";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";

/** Command lines of the Java harnesses that run with these jars. */
async function harnesses(jars: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "command"], { maxBuffer: 1e8 });
  return stdout.split("\n").filter((line) => line.includes(`${jars}/* org.apache.beam.fn.harness.FnHarness`));
}

describe("stream --runner flink --java-jars", function () {
  this.timeout(JOB_MILLISECONDS);
  pubSubEmulator.use();
  spannerEmulator.use();
  flinkCluster.use();
  let fixture: StreamFixture;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
  });
  afterEach(() => fixture.remove());

  function start(jars: string): RunningCommand {
    const { flinkMaster, jobEndpoint, expansionService } = runningCluster();
    const onFlink = ["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint];
    const service = ["--expansion-service", expansionService ?? "", "--checkpoint-interval", "2"];
    return fixture.start("flink", [...onFlink, ...service, "--java-jars", jars]);
  }

  it("reads Pub/Sub in Java processes of its own, which end with the job", async () => {
    const { jobServerJars } = await installFlink("bulk and stream");
    const changes = randomChanges({ seed: 9, items: 50, changes: 500 });
    const command = start(jobServerJars);
    await fixture.publish(shuffled(changes, 9, 20));
    const wanted = JSON.stringify(finalState(changes));
    await until(async () => JSON.stringify(await fixture.itemsState()) === wanted);
    expect(await harnesses(jobServerJars)).to.have.length.greaterThan(0);
    command.process.kill("SIGINT");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(0);
    await until(async () => (await harnesses(jobServerJars)).length === 0);
  });

  it("ends at once where there are no such jars", async () => {
    const result = await start("/nowhere").finished;
    expectError(result, "E_WORKER_START", /java-worker-main\.js, ended with exit code 1 on a TaskManager/);
  });
});
