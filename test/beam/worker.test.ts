import "apache-beam";
import { join } from "node:path";
import { impulse } from "apache-beam/transforms/internal";
import { counter } from "apache-beam/transforms/pardo";
import { expect } from "chai";
import { asyncParDo } from "../../beam/async-par-do";
import type { PipelineBuilder } from "../../beam/launcher";
import { workerModuleFile } from "../../beam/worker-module";
import { FailAtSeven, LINE_OF_OWN, SlowCount } from "./fixtures/steps";
import { eventually } from "./journal";
import { WorkerUnderTest } from "./worker-under-test";

/** What a worker needs for the pipelines below, as the SDK's launcher would list it. */
const MODULES = [
  join(__dirname, "fixtures", "steps"),
  workerModuleFile("dynamodb-spanner-migration/beam/async-par-do"),
];
const PATCHES = workerModuleFile("dynamodb-spanner-migration/beam/patches");

const slowCount: PipelineBuilder = (root) => {
  root.apply(impulse()).apply(asyncParDo(new SlowCount(10), { started: counter("started"), done: counter("done") }));
};

const failAtSeven: PipelineBuilder = (root) => {
  root.apply(impulse()).apply(asyncParDo(new FailAtSeven()));
};

function bytes(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Uint8Array.of(index));
}

function startedBundles(worker: WorkerUnderTest): number {
  return worker.printed.split(LINE_OF_OWN).length - 1;
}

describe("a worker process", () => {
  let workers: WorkerUnderTest[] = [];

  async function startWorker(build: PipelineBuilder, modules: readonly string[]): Promise<WorkerUnderTest> {
    const worker = await WorkerUnderTest.start(build, modules);
    workers.push(worker);
    return worker;
  }

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
  });

  it("with the patches finishes all elements before it reports success, and counts each bundle for itself", async () => {
    const worker = await startWorker(slowCount, [...MODULES, PATCHES]);
    for (let bundle = 1; bundle <= 3; bundle++) {
      const { error, counters } = await worker.runBundle(bytes(30), () => startedBundles(worker) === bundle);
      expect(error).to.equal("");
      expect(counters).to.deep.equal({ started: 30, done: 30 });
    }
    expect(worker.printed).to.not.match(/instructionId|Processing/);
  });

  it("with the patches finishes elements that have come before it knew of their bundle", async () => {
    const worker = await startWorker(slowCount, [...MODULES, PATCHES]);
    const { error, counters } = await worker.runBundle(bytes(30));
    expect(error).to.equal("");
    expect(counters).to.deep.equal({ started: 30, done: 30 });
  });

  it("without the patches reports success with elements missing, and prints every request", async () => {
    const worker = await startWorker(slowCount, MODULES);
    const { error, counters } = await worker.runBundle(bytes(30), () => startedBundles(worker) === 1);
    expect(error).to.equal("");
    expect(counters["done"]).to.be.lessThan(30);
    expect(worker.printed).to.match(/instructionId: 'bundle-1'/);
    expect(worker.printed).to.match(/Processing {2}descriptor-1/);
  });

  it("reports a step's error, lets the step clean up, and takes the next bundle", async () => {
    const worker = await startWorker(failAtSeven, [...MODULES, PATCHES]);
    const { error } = await worker.runBundle(bytes(30));
    expect(error).to.equal("Error: This step fails at 7.");
    await eventually(() => worker.printed.includes("given up: This step fails at 7."));
    expect((await worker.runBundle(bytes(5))).error).to.equal("");
  });

  it("ends when the runner has ended the job", async () => {
    const worker = await startWorker(slowCount, [...MODULES, PATCHES]);
    await worker.runBundle(bytes(1));
    worker.server.endControl();
    expect(await worker.exited()).to.equal(0);
    expect(worker.printed).to.include("Worker stoped.");
  });

  it("with the patches takes messages of more than 4 MiB", async () => {
    const worker = await startWorker(slowCount, [...MODULES, PATCHES]);
    const { error, counters } = await worker.runBundle([new Uint8Array(5 * 1024 * 1024)]);
    expect(error).to.equal("");
    expect(counters).to.deep.equal({ started: 1, done: 1 });
  });

  it("without the patches loses its data channel to such a message, and the bundle never ends", async () => {
    const worker = await startWorker(slowCount, MODULES);
    const answer = worker.runBundle([new Uint8Array(5 * 1024 * 1024)]).then(() => "answered");
    const broken = eventually(() => worker.printed.includes("Data channel error")).then(() => "broken");
    expect(await Promise.race([answer, broken])).to.equal("broken");
    expect(worker.printed).to.match(/RESOURCE_EXHAUSTED/);
  });

  it("with the patches says who it is, and what its counters mean, as runners need it", async () => {
    const worker = await startWorker(slowCount, [...MODULES, PATCHES]);
    const { response } = await worker.runBundle(bytes(1));
    expect(worker.server.descriptorCallers).to.deep.equal(["worker-1"]);
    const infos = response?.monitoringInfos.filter(({ labels }) => labels["NAME"] !== undefined) ?? [];
    expect(infos).to.have.lengthOf(2);
    for (const { labels } of infos) {
      expect(labels["PTRANSFORM"]).to.be.a("string").and.not.equal("");
      expect(labels["NAMESPACE"]).to.equal("dynamodb-spanner-migration");
    }
    const ids = Object.keys(response?.monitoringData ?? {});
    const { error, meanings } = await worker.askMetricMeanings([...ids, "unknown"]);
    expect(error).to.equal("");
    expect(Object.keys(meanings)).to.have.members(ids);
    expect(Object.values(meanings).map(({ labels }) => labels["NAME"])).to.include.members(["started", "done"]);
  });

  it("without the patches says none of that", async () => {
    const worker = await startWorker(slowCount, MODULES);
    const { response } = await worker.runBundle(bytes(1));
    expect(worker.server.descriptorCallers).to.deep.equal([]);
    const labels = response?.monitoringInfos.map((info) => info.labels) ?? [];
    expect(labels.filter((label) => label["PTRANSFORM"] !== undefined)).to.deep.equal([]);
    expect(labels.filter((label) => label["NAMESPACE"])).to.deep.equal([]);
    const { error } = await worker.askMetricMeanings(["m0"]);
    expect(error).to.match(/Unknown instruction type/);
  });
});
