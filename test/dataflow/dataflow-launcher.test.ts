import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createElements } from "../../beam/create-elements";
import { type DataflowOptions, dataflowLauncher } from "../../beam/dataflow-launcher";
import { encodeFailure } from "../../beam/failure-text";
import { MigrationError } from "../../errors/migration-error";
import { useFolder } from "../export/export-folder";
import { FakeDataflow } from "./fake-dataflow";

/** Without Python: a program in its place says that the job of the service was created. */
describe("dataflowLauncher", function () {
  this.timeout(60_000);
  const folder = useFolder();
  let dataflow: FakeDataflow;
  beforeEach(async () => {
    dataflow = await FakeDataflow.start();
  });
  afterEach(() => dataflow.stop());

  /** A job that the service has. */
  async function create(name: string): Promise<string> {
    const body = JSON.stringify({ name, type: "JOB_TYPE_BATCH", environment: { sdkPipelineOptions: { options: {} } } });
    await fetch(`${dataflow.endpoint}/v1b3/projects/p/locations/r/jobs`, { method: "POST", body });
    return dataflow.jobs.at(-1)?.id ?? "";
  }

  async function launch(id: string, more: Partial<DataflowOptions> = {}) {
    const python = join(folder(), "python");
    await writeFile(python, `#!/bin/sh\nhead -n 1 > /dev/null\necho '{"jobId": "${id}"}'\n`);
    await chmod(python, 0o755);
    const none = () => undefined;
    return dataflowLauncher({
      ...{ project: "p", region: "r", endpoint: dataflow.endpoint, jobName: "load", python, pythonOptions: {} },
      image: `${dataflow.registry}/images/worker:0.1.0`,
      ...{ update: false, stop: "cancel", onJob: none, onMessage: none, onState: none },
      ...more,
    }).launch((root) => {
      root.apply(createElements("Numbers", [1]));
    });
  }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("it has succeeded"),
      (error: unknown) => error as MigrationError,
    );

  it("tells the job and its page at once, each state once, each message once, and ends with the job", async () => {
    const id = await create("other");
    const told: string[] = [];
    const job = await launch(id, {
      onJob: ({ url }) => told.push(url),
      onState: (state) => told.push(state),
      onMessage: ({ text }) => told.push(text),
    });
    const page = `https://console.cloud.google.com/dataflow/jobs/r/${id}?project=p`;
    expect(told).to.deep.equal([page]);
    const [running] = dataflow.jobs;
    running?.messages.push({ messageText: "started", messageImportance: "JOB_MESSAGE_BASIC" });
    const ended = job.wait();
    const polls = () =>
      dataflow.requests.filter((request) => request === `GET /v1b3/projects/p/locations/r/jobs/${id}`);
    while (polls().length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    if (running !== undefined) running.state = "JOB_STATE_DONE";
    await ended;
    expect(told).to.deep.equal([page, "started", "JOB_STATE_RUNNING", "JOB_STATE_DONE"]);
  });

  it("fails with a step's own error, wherever in a message it stands", async () => {
    const id = await create("other");
    const [job] = dataflow.jobs;
    const text = encodeFailure(new MigrationError("E_EXPORT_FILE_ALTERED", "a was altered", { details: ["one"] }));
    job?.messages.push(
      { messageText: "A work item was attempted 4 times", messageImportance: "JOB_MESSAGE_ERROR" },
      { messageText: `Error message from worker: ${text}\n  at x`, messageImportance: "JOB_MESSAGE_ERROR" },
    );
    if (job !== undefined) job.state = "JOB_STATE_FAILED";
    const error = await failureOf((await launch(id)).wait());
    expect(error).to.deep.include({ code: "E_EXPORT_FILE_ALTERED", message: "a was altered", details: ["one"] });
  });

  it("fails with the service's words where there is no error of a step, without a stack", async () => {
    const id = await create("other");
    const [job] = dataflow.jobs;
    const messageText = 'Startup of the worker pool failed.\nTraceback (most recent call last):\n  File "x", line 1\n';
    job?.messages.push({ messageText, messageImportance: "JOB_MESSAGE_ERROR" });
    if (job !== undefined) job.state = "JOB_STATE_FAILED";
    const error = await failureOf((await launch(id)).wait());
    expect(error).to.have.property("code", "E_DATAFLOW_JOB_FAILED");
    expect(error.message).to.equal(`load (${id}): Startup of the worker pool failed.`);
    expect(error.details).to.deep.equal(["Startup of the worker pool failed."]);
  });

  it("does not take a job for ended well that somebody else has cancelled", async () => {
    const id = await create("other");
    const [job] = dataflow.jobs;
    if (job !== undefined) job.state = "JOB_STATE_CANCELLED";
    expect(await failureOf((await launch(id)).wait())).to.have.property("code", "E_DATAFLOW_JOB_FAILED");
  });

  for (const { stop, state } of [
    { stop: "cancel", state: "JOB_STATE_CANCELLED" },
    { stop: "drain", state: "JOB_STATE_DRAINED" },
  ] as const) {
    it(`asks for ${state} when it is told to ${stop}, and ends with the reason`, async () => {
      const job = await launch(await create("other"), { stop });
      const reason = new Error("enough");
      await job.cancel(reason);
      expect(await failureOf(job.wait())).to.equal(reason);
      expect(dataflow.jobs.map((each) => each.state)).to.deep.equal([state]);
    });
  }

  it("waits through an outage of the API", async () => {
    const id = await create("other");
    const job = await launch(id);
    let refusals = 7;
    dataflow.refuse = () => (refusals-- > 0 ? { status: 503, message: "later" } : undefined);
    const [running] = dataflow.jobs;
    if (running !== undefined) running.state = "JOB_STATE_DONE";
    await job.wait();
    expect(refusals).to.be.lessThan(0);
  });

  it("refuses, before it submits, a name that runs, an update of one that does not, and an image that is not there", async () => {
    expect(await failureOf(launch("x", { update: true }))).to.have.property("code", "E_DATAFLOW_JOB_MISSING");
    dataflow.images.clear();
    expect(await failureOf(launch("x"))).to.have.property("code", "E_DATAFLOW_IMAGE");
    const id = await create("load");
    const error = await failureOf(launch("x"));
    expect(error).to.have.property("code", "E_DATAFLOW_JOB_EXISTS");
    expect(error.message).to.include(id);
  });
});
