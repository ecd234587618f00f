import { join } from "node:path";
import { expect } from "chai";
import { openDataflowRest } from "../../beam/dataflow-rest";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import type { DeadLetter } from "../../transforms/dead-letter";
import { EXPORT_PATH, exportFiles, type Files, useFolder } from "../export/export-folder";
import {
  expectAccounted,
  expectError,
  expectExit,
  type LoadOptions,
  runLoad,
  sampleMapping,
  startLoad,
  targetWords,
} from "../pipelines/load";
import { createMappedDatabase, queryRows } from "../pipelines/mapped-database";
import { runCommand } from "../support/command-line";
import { spannerEmulator } from "../support/spanner";
import { createTestBucket, storageEmulator } from "../support/storage";
import { beamPython } from "./beam-python";
import { FakeDataflow } from "./fake-dataflow";
import { objectLines, objectNames, uploadFiles, uploadFolder } from "./gcs-folder";
import { expectGoldenJob } from "./job-golden";
import { containerLogs, runStagedJob, stagedPipeline } from "./staged-job";
import { images, stepNames } from "./step-names";

const tutorial = sampleMapping("migration");
const item = (name: string, points: string) =>
  JSON.stringify({ Item: { Username: { S: name }, PointsEarned: { N: points } } });

describe("bulk --runner dataflow", function () {
  this.timeout(600_000);
  spannerEmulator.use();
  storageEmulator.use();
  beamPython.use();
  const folder = useFolder();
  let dataflow: FakeDataflow;
  let bucket: string;
  beforeEach(async () => {
    dataflow = await FakeDataflow.start();
    bucket = await createTestBucket();
  });
  afterEach(() => dataflow.stop());

  /** A load of the bucket's export. */
  const load = async (mapping: string, ...options: readonly string[]): Promise<LoadOptions> => ({
    database: await createMappedDatabase(mapping),
    mapping,
    input: `gs://${bucket}/export`,
    folder: folder(),
    options: [
      ...[...dataflow.options, "--temp-location", `gs://${bucket}/temp`],
      ...["--dead-letters", `gs://${bucket}/letters`, ...options],
    ],
  });
  const upload = (files: Files) => uploadFiles(bucket, "export/", files);
  const fakeExport = async (set: "tutorial" | "hard", items: number, files: number) => {
    const path = join(folder(), "export");
    await writeFakeExport({ set, items, seed: 1, files, folder: path });
    await uploadFolder(path, bucket, "export/");
  };

  it("asks for the job that the golden file shows, and leaves it alone with --no-wait", async () => {
    await upload(exportFiles({ "a.json.gz": [item("a", "1")], "b.json.gz": [item("b", "2")] }));
    const { database, input, options = [] } = await load(tutorial);
    const words = [
      ...["--job-name", "load-orders", "--no-wait", "--staging-location", `gs://${bucket}/staging`],
      ...["--dataflow-project", "jobs-project", "--worker-machine-type", "n2-standard-4"],
      ...["--worker-zone", "europe-west1-b", "--num-workers", "2", "--max-num-workers", "8", "--disk-size-gb", "50"],
      ...["--no-public-ips", "--network", "vpc", "--subnetwork", "regions/europe-west1/subnetworks/jobs"],
      ...["--service-account", "worker@jobs-project.iam.gserviceaccount.com", "--labels", "team=data,cost=42"],
      ...["--dataflow-kms-key", "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"],
      ...["--experiments", "one_experiment,another=1", "--dataflow-service-options", "enable_prime"],
    ];
    const result = await runCommand([
      ...["bulk", ...targetWords(database), "--mapping", tutorial, "--input", input, ...options, ...words],
    ]);
    expectExit(result, 0);
    const [job] = dataflow.jobs;
    if (job === undefined) throw new Error("no job was asked for");
    const page = `https://console.cloud.google.com/dataflow/jobs/europe-west1/${job.id}?project=jobs-project`;
    expect(result.stderr).to.include(`Dataflow job ${job.id}: ${page}`).and.to.include("nothing is proven");
    expect(result.stdout, "a table of counts").to.equal("");
    expect(job.state).to.equal("JOB_STATE_RUNNING");
    expectGoldenJob(job, "bulk", { [dataflow.registry]: "HOST", [bucket]: "BUCKET" });
    const staged = await stagedPipeline(job);
    expect(images(staged)).to.deep.equal([`${dataflow.registry}/images/worker:0.1.0`]);
    expect(stepNames(staged).filter((name) => !name.includes("/"))).to.deep.equal([
      "DataFiles",
      "ReadExport",
      "ConvertItem",
      "WriteRows",
      "FinishBlocks",
      "Counts",
      "CountsOfJob",
      "WriteCounts",
    ]);
  });

  it("loads 600 items in workers of the container's entry point, from the pipeline as it was staged", async () => {
    await fakeExport("tutorial", 600, 5);
    dataflow.run = (job) => void runStagedJob(job, folder());
    const here = await createMappedDatabase(tutorial);
    const options = await load(tutorial);
    const result = await runLoad(options);
    expectExit(result, 0);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({ status: "proven", read: 600, written: 600, expected: 600 });
    expect(summary.files).to.have.length(5);
    expectExit(await runLoad({ ...options, database: here, options: [] }), 0);
    const everything = "SELECT * FROM Migration ORDER BY Username";
    expect(await queryRows(options.database, everything)).to.deep.equal(await queryRows(here, everything));
    expect(await containerLogs(folder())).to.match(/worker \S+ started as process/);
  });

  it("does with two levels of tables and awkward items what the direct runner does, a job for each level", async () => {
    const hard = sampleMapping("hard");
    await fakeExport("hard", 600, 3);
    dataflow.run = (job) => void runStagedJob(job, join(folder(), job.id));
    const outcome = async (options: LoadOptions, letters: string) => {
      const { exitCode, summary } = await runLoad(options);
      const { elapsedSeconds, ...counts } = expectAccounted(summary);
      const lines = (await objectLines(bucket, letters)).map((line) => ({ ...(JSON.parse(line) as object), at: "" }));
      return { exitCode, counts, letters: lines.map((line) => JSON.stringify(line)).sort() };
    };
    const onDataflow = await outcome(await load(hard, "--dead-letters", `gs://${bucket}/a`), "a/dead-letters");
    expect(onDataflow.counts.read).to.equal(600);
    expect(dataflow.jobs.map(({ request }) => request.name.replace(/\w+-\w+-level/, "RUN-level"))).to.deep.equal([
      "dynamodb-to-spanner-RUN-level-0",
      "dynamodb-to-spanner-RUN-level-1",
    ]);
    const direct = { ...(await load(hard)), options: ["--dead-letters", `gs://${bucket}/b`] };
    expect(onDataflow).to.deep.equal(await outcome(direct, "b/dead-letters"));
  });

  it("stores dead letters byte for byte, and its counters come back", async () => {
    const bad = item("b", "1.5");
    await upload(exportFiles({ "a.json.gz": [item("a", "1"), bad], "b.json.gz": ["{", item("c", "3")] }));
    dataflow.run = (job) => void runStagedJob(job, folder());
    const result = await runLoad(await load(tutorial));
    expectExit(result, 3);
    expect(expectAccounted(result.summary)).to.include({ read: 4, written: 2, deadLettered: 2 });
    const letters = (await objectLines(bucket, "letters/dead-letters")).map((line) => JSON.parse(line) as DeadLetter);
    expect(letters.map((letter) => ("payload" in letter ? letter.payload : "")).sort()).to.deep.equal(
      [bad, "{"].sort(),
    );
    const place = { project: "test-project", region: "europe-west1", endpoint: dataflow.endpoint };
    const counters = await openDataflowRest(place, async () => ({})).counters(dataflow.jobs[0]?.id ?? "");
    expect(counters).to.include({ read: 4, written: 2, deadLettered: 2 });
  });

  it("ends with the error of an altered file, as the direct runner does", async () => {
    const files = exportFiles({ "a.json.gz": [item("a", "1")], "b.json.gz": [item("b", "2")] });
    await upload(files);
    dataflow.run = async (job) => {
      // Cloud Storage's own checksum is compared before the job starts: so it is altered after that.
      const [name = ""] = await objectNames(bucket, `export/${EXPORT_PATH}/data/a`);
      const other = files.get(`${EXPORT_PATH}/data/b.json.gz`) ?? Buffer.alloc(0);
      await uploadFiles(bucket, "", new Map([[name, other]]));
      await runStagedJob(job, folder());
    };
    const result = await runLoad(await load(tutorial));
    expectExit(result, 1);
    expect(result.stderr).to.match(/\[error\] E_EXPORT_FILE_ALTERED: .*a\.json\.gz was altered/);
  });

  it("cancels the job when it is interrupted", async () => {
    await upload(exportFiles({ "a.json.gz": [item("a", "1")] }));
    const { command, finished } = await startLoad(await load(tutorial));
    await command.waitForError(/Dataflow: running/);
    command.process.kill("SIGINT");
    expectError(await finished(), "E_INTERRUPTED", /stopped by SIGINT/);
    expect(dataflow.jobs.map(({ state }) => state)).to.deep.equal(["JOB_STATE_CANCELLED"]);
  });

  it("says that the bucket for the job's description is not there, without a stack trace", async () => {
    await upload(exportFiles({ "a.json.gz": [item("a", "1")] }));
    const result = await runLoad(await load(tutorial, "--temp-location", "gs://no-such-bucket-of-anyone/temp"));
    expectError(result, "E_DATAFLOW_STAGING", /gs:\/\/no-such-bucket-of-anyone/);
    expect(dataflow.jobs).to.deep.equal([]);
  });
});
