import "apache-beam";
import { chmodSync, copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { type FlinkOptions, flinkLauncher } from "../../beam/flink-launcher";
import { startWorkerPool, type WorkerPool } from "../../beam/worker-pool";
import { freePort } from "../../scripts/emulators/free-port";
import { useFolder } from "../export/export-folder";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";
import { NoteNumbers, seenCounter } from "./fixtures/steps";

const NUMBERS = Array.from({ length: 200 }, (_, index) => index);
let jobs = 0;

describe("who starts the workers on Flink", function () {
  this.timeout(JOB_MILLISECONDS);
  flinkCluster.use();
  const folder = useFolder();
  let pool: WorkerPool | undefined;
  afterEach(async () => {
    await pool?.stop();
    pool = undefined;
  });

  async function run(options: Partial<FlinkOptions>): Promise<void> {
    jobs += 1;
    const { flinkMaster, jobEndpoint } = runningCluster();
    const jobName = `workers-${process.pid}-${jobs}`;
    const job = await flinkLauncher({ flinkMaster, jobEndpoint, jobName, parallelism: 2, ...options }).launch(
      (root) => {
        root.apply(createElements("Numbers", NUMBERS)).apply(asyncParDo(new NoteNumbers(folder()), seenCounter()));
      },
    );
    await job.wait();
  }

  async function failureOf(options: Partial<FlinkOptions>): Promise<Error> {
    const error: unknown = await run(options).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property("code", "E_WORKER_START");
    return error as Error;
  }

  it("a pool: each TaskManager gets a worker of its own, though both ask for the same id", async () => {
    pool = await startWorkerPool({ host: "localhost", port: 0 });
    await run({ workerPool: `localhost:${pool.port}` });
    const notes = readdirSync(folder()).map((name) =>
      readFileSync(join(folder(), name), "utf8").trimEnd().split("\n").map(Number),
    );
    expect(notes, "workers").to.have.length(2);
    expect(notes.flat().sort((left, right) => left - right)).to.deep.equal(NUMBERS);
  });

  it("a pool whose workers can't start: the job fails at once with what they have printed", async () => {
    const program = require.resolve("../beam/fixtures/failing-worker");
    pool = await startWorkerPool({ host: "localhost", port: 0, program });
    const { message } = await failureOf({ workerPool: `localhost:${pool.port}` });
    expect(message).to.include("no luck").and.include("RangeError: and this is why");
  });

  it("a pool that is not there: the job fails at once and names its address", async () => {
    const port = await freePort();
    const { message } = await failureOf({ workerPool: `localhost:${port}` });
    expect(message).to.include(`${port}`).and.include("dynamodb-to-spanner-worker-pool");
  });

  it("the TaskManagers, with a package that is incomplete: the job fails at once and says so", async () => {
    for (const name of ["worker-main.js", "worker-start.js"]) {
      copyFileSync(require.resolve(`../../beam/${name}`), join(folder(), name));
    }
    const workerCommand = join(folder(), "worker-main.js");
    chmodSync(workerCommand, 0o755);
    const { message } = await failureOf({ workerCommand });
    expect(message).to.equal(
      `${workerCommand} ended with exit code 82 (the package there is incomplete: install it again, with its dependencies) on a TaskManager`,
    );
  });
});
