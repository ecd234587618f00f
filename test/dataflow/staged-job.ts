import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { google } from "@google-cloud/pubsub/build/protos/protos";
import { findBeamPython } from "../../beam/python-environment";
import { testStorage } from "../support/storage";
import type { FakeJob } from "./fake-dataflow";

const fixtures = join(process.cwd(), "test/dataflow/fixtures");

/** What Dockerfile makes of it: the entry point of the workers' image. */
const containerEntry = join(__dirname, "../../beam/container-main.js");

/** The pipeline that a job was submitted with, as it lies in Cloud Storage. */
export async function stagedPipeline({ request }: FakeJob): Promise<Buffer> {
  const url = String(request.environment.sdkPipelineOptions.options["pipelineUrl"]);
  const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const [content] = await (await testStorage()).bucket(bucket).file(name).download();
  return content;
}

/** A message as Pub/Sub holds it. */
export interface StagedMessage {
  readonly messageId: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishTime: Date;
}

/**
 * Does with a job what Dataflow would: runs its staged pipeline, unchanged, with workers that are started by the
 * container's entry point. The runner is that of Beam's SDK for Python; what it needs of Docker is stood in for.
 *
 * @param folder for the containers' logs
 * @param messages what a streaming job reads until it is drained: no runner but Dataflow has the native Pub/Sub read, the
 *   one step that is replaced for them
 */
export async function runStagedJob(job: FakeJob, folder: string, messages?: readonly StagedMessage[]): Promise<void> {
  job.state = "JOB_STATE_RUNNING";
  const containers = join(folder, "containers");
  await mkdir(containers, { recursive: true });
  const pipeline = join(folder, "pipeline.pb");
  const request = join(folder, "job.json");
  await writeFile(pipeline, await stagedPipeline(job));
  await writeFile(request, JSON.stringify(job.request));
  const environment = {
    ...process.env,
    PATH: `${fixtures}${delimiter}${process.env["PATH"]}`,
    CONTAINER_ENTRY: containerEntry,
    CONTAINER_FOLDER: containers,
  };
  const words = [join(fixtures, "run_staged.py"), pipeline, request];
  if (messages !== undefined) {
    const lines = join(folder, "messages.jsonl");
    await writeFile(lines, messages.map((message) => `${JSON.stringify(messageLine(message))}\n`).join(""));
    words.push(lines);
  }
  await new Promise<void>((resolve) => {
    execFile(findBeamPython(undefined), words, { env: environment, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const line = stdout.trim().split("\n").at(-1) ?? "";
      if (error === null) {
        const { counters } = JSON.parse(line) as { counters: readonly [string, string, number][] };
        job.metrics = counters.flatMap(([step, name, scalar]) => metric(step, name, scalar));
      } else {
        job.messages.push({ messageText: stderr, messageImportance: "JOB_MESSAGE_ERROR" });
      }
      job.state = error === null ? "JOB_STATE_DONE" : "JOB_STATE_FAILED";
      resolve();
    });
  });
}

/** As the native read gives it: its publish time in seconds, and the message serialised, in base64. */
function messageLine({ publishTime, ...message }: StagedMessage): readonly [number, string] {
  const bytes = google.pubsub.v1.PubsubMessage.encode({ ...message, attributes: { ...message.attributes } }).finish();
  return [publishTime.getTime() / 1000, Buffer.from(bytes).toString("base64")];
}

/** As the service reports a counter: as it stands, and with what may yet be thrown away. */
function metric(step: string, name: string, scalar: number): readonly object[] {
  const context = { step, namespace: "" };
  return [
    { name: { origin: "user", name, context }, scalar },
    { name: { origin: "user", name, context: { ...context, tentative: "true" } }, scalar: scalar + 1 },
  ];
}

/** What the containers of a job have printed. */
export async function containerLogs(folder: string): Promise<string> {
  const containers = join(folder, "containers");
  const names = (await readdir(containers)).filter((name) => name.endsWith(".log"));
  return (await Promise.all(names.map((name) => readFile(join(containers, name), "utf8")))).join("\n");
}
