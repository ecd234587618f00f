import { expect } from "chai";
import { encodeFailure } from "../../beam/failure-text";
import { MigrationError } from "../../errors/migration-error";
import { toMessage } from "../../lambda/src/record-message";
import type { DeadLetter } from "../../transforms/dead-letter";
import { finalState, itemsMapping, putItem, randomChanges, shuffled } from "../pipelines/item-changes";
import { expectError, expectExit } from "../pipelines/load";
import { order, shopMapping } from "../pipelines/shop-changes";
import { createStreamFixture, type StreamFixture } from "../pipelines/stream-fixture";
import { runCommand } from "../support/command-line";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { createTestBucket, storageEmulator } from "../support/storage";
import { beamPython } from "./beam-python";
import { FakeDataflow } from "./fake-dataflow";
import { objectLines } from "./gcs-folder";
import { expectGoldenJob } from "./job-golden";
import { containerLogs, runStagedJob, type StagedMessage, stagedPipeline } from "./staged-job";
import { images, nativeReads, stepNames } from "./step-names";

const PUBLISHED = new Date("2026-01-01T00:00:00.123Z");

const staged = (messages: readonly Pick<StagedMessage, "data" | "attributes">[]): readonly StagedMessage[] =>
  messages.map(({ data, attributes }, index) => ({
    ...{ messageId: `message-${index}`, publishTime: PUBLISHED },
    ...{ data, attributes },
  }));

describe("stream --runner dataflow", function () {
  this.timeout(600_000);
  spannerEmulator.use();
  pubSubEmulator.use();
  storageEmulator.use();
  beamPython.use();
  let fixture: StreamFixture;
  let dataflow: FakeDataflow;
  let bucket: string;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
    dataflow = await FakeDataflow.start();
    bucket = await createTestBucket();
  });
  afterEach(async () => {
    dataflow.stop();
    await fixture.remove();
  });

  const options = (...more: readonly string[]) => [
    ...[...dataflow.options, "--temp-location", `gs://${bucket}/temp`],
    ...["--dead-letters", `gs://${bucket}/letters`, ...more],
  ];
  /** A streaming job whose subscription holds `messages`, and which is drained when it has applied them. */
  const reads = (messages: readonly StagedMessage[]) => {
    dataflow.run = (job) => void runStagedJob(job, fixture.folder, messages);
  };

  it("asks for the streaming job that the golden file shows, and leaves it alone with --no-wait", async () => {
    const words = [
      ...["--job-name", "stream-orders", "--no-wait", "--staging-location", `gs://${bucket}/staging`],
      ...["--dataflow-project", "jobs-project", "--worker-machine-type", "n2-standard-4"],
      ...["--num-workers", "1", "--max-num-workers", "4", "--no-public-ips"],
      ...["--subnetwork", "regions/europe-west1/subnetworks/jobs", "--labels", "team=data"],
      ...["--service-account", "worker@jobs-project.iam.gserviceaccount.com"],
    ];
    const { project, instance, database } = fixture.database;
    const result = await runCommand([
      ...["stream", "--mapping", fixture.mappingFile, "--subscription", fixture.subscription],
      ...["--project", project, "--instance", instance, "--database", database, ...options(...words)],
    ]);
    expectExit(result, 0);
    const [job] = dataflow.jobs;
    if (job === undefined) throw new Error("no job was asked for");
    expect(result.stderr).to.include(`Dataflow job ${job.id}:`).and.to.include("never by cancelling");
    expect(result.stdout, "a table of counts").to.equal("");
    expect(job.state).to.equal("JOB_STATE_RUNNING");
    expectGoldenJob(job, "stream", { [dataflow.registry]: "HOST", [bucket]: "BUCKET" });
    const pipeline = await stagedPipeline(job);
    expect(images(pipeline)).to.deep.equal([`${dataflow.registry}/images/worker:0.1.0`]);
    expect(nativeReads(pipeline)).to.deep.equal([{ subscription: fixture.subscription, withAttributes: true }]);
    expect(stepNames(pipeline).filter((name) => !name.includes("/"))).to.deep.equal([
      ...["ReadChanges", "DecodeMessage", "ParseChange", "NewestPerItem", "ApplyChanges", "Failures"],
      "WriteDeadLetters",
    ]);
  });

  it("ends in the state of the source, whatever the order of the messages", async () => {
    const changes = randomChanges({ seed: 7, items: 100, changes: 1000 });
    const messages = staged(shuffled(changes, 7, 10).map(toMessage));
    reads(messages);
    const result = await fixture.start("stream", options()).finished;
    expectExit(result, 0);
    expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
    const { read, applied, stale, superseded, ...summary } = await fixture.summary("stream");
    expect(summary).to.include({ status: "unproven", deadLettered: 0, waiting: 0, windows: null });
    expect(read).to.equal(messages.length);
    expect(applied + stale + superseded).to.equal(read);
    expect(await containerLogs(fixture.folder)).to.match(/worker \S+ started as process/);
  });

  it("stores what can't be read as dead letters, with their messages' ids and publish times", async () => {
    const good = toMessage(putItem("a", 1, 1));
    const broken = { data: Buffer.from([0xff, 0x7b]), attributes: {} };
    reads(staged([good, broken]));
    const result = await fixture.start("stream", options()).finished;
    expectExit(result, 3);
    expect((await fixture.itemsState()).rows.map(({ id }) => id)).to.deep.equal(["a"]);
    const letters = (await objectLines(bucket, "letters/dead-letters")).map((line) => JSON.parse(line) as DeadLetter);
    expect(letters.map(({ at, message, ...letter }) => letter)).to.deep.equal([
      {
        code: "E_CHANGE_NOT_JSON",
        source: { messageId: "message-1", publishTime: "2026-01-01T00:00:00.123Z" },
        payloadBase64: broken.data.toString("base64"),
      },
    ]);
  });

  it("loses no change whose parent's row does not come: it is a dead letter, as nothing can be given back", async () => {
    const shop = await createStreamFixture(shopMapping(false));
    try {
      const message = toMessage(order(1));
      reads(staged([message]));
      const result = await shop.start("stream", options("--parent-wait", "2")).finished;
      expectExit(result, 3);
      const letters = (await objectLines(bucket, "letters/dead-letters")).map((line) => JSON.parse(line) as DeadLetter);
      expect(letters.map(({ code }) => code)).to.deep.equal(["E_PARENT_MISSING"]);
      expect(letters[0]).to.have.property("payload", message.data.toString());
      expect(await shop.summary("stream")).to.include({ read: 1, deadLettered: 1, waiting: 0, applied: 0 });
    } finally {
      await shop.remove();
    }
  });

  it("drains its job when it is interrupted: what was read is applied first", async () => {
    const command = fixture.start("stream", options());
    await command.waitForError(/Dataflow: running/);
    // Of a streaming job that is no end: the service tries again.
    const text = encodeFailure(new MigrationError("E_SPANNER_PERMISSION", "no access to i/d"));
    const messageText = `Error message from worker: ${text}\n  at x`;
    dataflow.jobs[0]?.messages.push({ messageText, messageImportance: "JOB_MESSAGE_ERROR" });
    await command.waitForError(/\[warn\] E_SPANNER_PERMISSION: no access to i\/d \(Dataflow tries again/);
    command.process.kill("SIGINT");
    const result = await command.finished;
    expectExit(result, 0);
    expect(dataflow.jobs.map(({ state }) => state)).to.deep.equal(["JOB_STATE_DRAINED"]);
    expect(await fixture.summary("stream")).to.include({ status: "unproven", windows: null });
  });

  it("says what may be missing when somebody else has cancelled the job", async () => {
    const command = fixture.start("stream", options());
    await command.waitForError(/Dataflow: running/);
    const [job] = dataflow.jobs;
    if (job !== undefined) job.state = "JOB_STATE_CANCELLED";
    const result = await command.finished;
    expectError(result, "E_DATAFLOW_JOB_FAILED", /cancelled by somebody else/);
    expect(result.stderr).to.include("verify --repair");
    expect(await fixture.summary("stream")).to.include({ status: "failed" });
  });

  it("takes the place of a job that runs, and of none that does not", async () => {
    const update = ["--job-name", "stream-orders", "--update"];
    const missing = await fixture.start("first", options(...update)).finished;
    expectError(missing, "E_DATAFLOW_JOB_MISSING", /stream-orders/);
    const first = fixture.start("second", options("--job-name", "stream-orders"));
    await first.waitForError(/Dataflow: running/);
    const second = fixture.start("third", options(...update));
    await second.waitForError(/Dataflow: running/);
    const [old, replacement] = dataflow.jobs;
    expect(replacement?.request).to.include({ replaceJobId: old?.id });
    if (old !== undefined) old.state = "JOB_STATE_UPDATED";
    expectExit(await first.finished, 0);
    second.process.kill("SIGINT");
    expectExit(await second.finished, 0);
  });
});
