import "apache-beam";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { getRegisteredModules, requireForSerialization } from "apache-beam/serialization";
import { expect } from "chai";
import type { AsyncDoFn } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { type FlinkOptions, flinkLauncher } from "../../beam/flink-launcher";
import { openFlinkRest } from "../../beam/flink-rest";
import type { Job } from "../../beam/launcher";
import { MigrationError } from "../../errors/migration-error";
import { useFolder } from "../export/export-folder";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";
import { FailAt, NoteNumbers, seenCounter, WaitForever } from "./fixtures/steps";

const NUMBERS = Array.from({ length: 200 }, (_, index) => index);
let jobs = 0;

function launch(step: AsyncDoFn<number, number>, options: Partial<FlinkOptions> = {}): Promise<Job> {
  return flinkLauncher(optionsOf(options)).launch((root) => {
    root.apply(createElements("Numbers", NUMBERS)).apply(asyncParDo(step));
  });
}

function optionsOf(options: Partial<FlinkOptions>): FlinkOptions {
  jobs += 1;
  const { flinkMaster, jobEndpoint } = runningCluster();
  return { flinkMaster, jobEndpoint, jobName: `test-${process.pid}-${jobs}`, parallelism: 2, ...options };
}

async function failureOf(job: Job): Promise<unknown> {
  return job.wait().then(
    () => expect.fail("the job has succeeded"),
    (error: unknown) => error,
  );
}

/** The numbers that each worker process has noted. */
async function notes(folder: string): Promise<readonly (readonly number[])[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("process-"));
  return Promise.all(
    names.map(async (name) => (await readFile(join(folder, name), "utf8")).trimEnd().split("\n").map(Number)),
  );
}

describe("flinkLauncher on a cluster of two TaskManagers", function () {
  this.timeout(JOB_MILLISECONDS);
  flinkCluster.use();
  const folder = useFolder();

  it("processes every element once, in workers of both TaskManagers, and brings the counters back", async () => {
    const job = await flinkLauncher(optionsOf({ parallelism: undefined })).launch((root) => {
      root.apply(createElements("Numbers", NUMBERS)).apply(asyncParDo(new NoteNumbers(folder()), seenCounter()));
    });
    await job.wait();
    const found = await notes(folder());
    expect(found.flat().sort((left, right) => left - right)).to.deep.equal(NUMBERS);
    expect(found, "workers").to.have.length(2);
    for (const numbers of found) expect(numbers).to.have.length.greaterThan(NUMBERS.length / 5);
    expect(await job.counters()).to.deep.equal({ seen: NUMBERS.length });
  });

  it("fails with the step's own error: code, message and details", async () => {
    const error = await failureOf(await launch(new FailAt(7, true)));
    expect(error).to.be.instanceOf(MigrationError);
    expect(error).to.deep.include({
      code: "E_EXPORT_FILE_ALTERED",
      message: 'file 7 was "altered"',
      details: ["one", "zwei – drei"],
    });
  });

  it("fails with the message of an unforeseen error, without Java's stack", async () => {
    const error = await failureOf(await launch(new FailAt(7, false)));
    expect(error).to.be.instanceOf(Error).and.not.instanceOf(MigrationError);
    expect((error as Error).message).to.equal('RangeError: 7 is "out" of range\nand of two lines');
  });

  it("fails when a worker's program can't be run", async () => {
    const error = await failureOf(await launch(new FailAt(7, true), { workerCommand: "/nowhere/worker" }));
    expect(error).to.have.property("code", "E_WORKER_START");
    expect((error as Error).message)
      .to.include('"/nowhere/worker"')
      .and.include("No such file");
  });

  it("stops a job that is cancelled", async () => {
    const options = optionsOf({});
    const job = await flinkLauncher(options).launch((root) => {
      root.apply(createElements("Numbers", NUMBERS)).apply(asyncParDo(new WaitForever(folder())));
    });
    while ((await notes(folder())).length === 0) await pause(100);
    const reason = new MigrationError("E_INTERRUPTED", "stopped by this test");
    await job.cancel(reason);
    expect(await failureOf(job)).to.equal(reason);
    expect(await openFlinkRest(options.flinkMaster).findJob(options.jobName)).to.have.property("state", "CANCELED");
  });

  it("fails at once when a worker can't load the pipeline, and says what is missing", async () => {
    const missing = "dynamodb-spanner-migration/no/such-module";
    requireForSerialization(missing, {});
    const error = await launch(new FailAt(7, true))
      .then(failureOf)
      // The SDK's own list: what stays there is part of every later job of this process.
      .finally(() => getRegisteredModules().splice(getRegisteredModules().indexOf(missing), 1));
    expect(error).to.have.property("code", "E_WORKER_START");
    expect((error as Error).message).to.match(/Cannot find module .*no\/such-module/);
  });
});
