import "apache-beam";
import { setTimeout as pause } from "node:timers/promises";
import { Pipeline } from "apache-beam/internal/pipeline";
import { Root } from "apache-beam/pvalue";
import { getRegisteredModules } from "apache-beam/serialization";
import { MigrationError } from "../errors/migration-error";
import { requireImage } from "./container-image";
import { type DataflowMessage, type DataflowPlace, type DataflowRest, openDataflowRest } from "./dataflow-rest";
import { type PythonOptions, submitToDataflow } from "./dataflow-submission";
import { decodeFailure } from "./failure-text";
import { googleHeaders, type RequestHeaders } from "./google-token";
import type { Job, Launcher, PipelineBuilder } from "./launcher";
import { withContainerWorkers } from "./portable-environment";
import { packageVersion, VERSION_OPTION } from "./worker-module";
import "./patches";

export interface DataflowOptions extends DataflowPlace {
  /** Unique among the jobs that run in the region. */
  readonly jobName: string;
  /** Address of the workers' image, which holds this package (Dockerfile). */
  readonly image: string;
  /** The Python that hands jobs to Dataflow; see python-environment.ts. */
  readonly python: string;
  /** Everything else that the job is to have, by its name in the Beam SDK for Python. */
  readonly pythonOptions: PythonOptions;
  /** Replace the job of that name that runs. */
  readonly update: boolean;
  /** How a job that is cancelled is to end: at once, or when what it has read is through (streaming jobs only). */
  readonly stop: "cancel" | "drain";
  /** Called as soon as the job exists. */
  readonly onJob: (job: DataflowJob) => void;
  /** Called with what the service says of the job while it is waited for. */
  readonly onMessage: (message: DataflowMessage) => void;
  /** Called with each new state while it is waited for. */
  readonly onState: (state: string) => void;
}

export interface DataflowJob {
  readonly id: string;
  /** Its page in Google's console. */
  readonly url: string;
}

const FIRST_POLL_MILLISECONDS = 500;
const POLL_MILLISECONDS = 10_000;
/** For the reason of a failure: some 30 s pass between the state and the message (dataflow_runner.py of Beam). */
const REASON_MILLISECONDS = 50_000;
/** A job goes on while its API does not answer; so does the wait for it. */
const OUTAGE_MILLISECONDS = 15 * 60_000;

/**
 * Runs pipelines on Google Cloud Dataflow. Steps run in containers of `image`; an error of a step arrives at `wait()` as
 * the same MigrationError, or as an Error with its message. A job outlives this process unless it is cancelled.
 *
 * `launch` throws MigrationError E_BEAM_PYTHON, E_DATAFLOW_… before a job exists.
 */
export function dataflowLauncher(options: DataflowOptions): Launcher {
  return { launch: (build) => launchOnDataflow(build, options) };
}

async function launchOnDataflow(build: PipelineBuilder, options: DataflowOptions): Promise<Job> {
  const headers: RequestHeaders = isPlain(options.endpoint) ? async () => ({}) : googleHeaders();
  const rest = openDataflowRest(options, headers);
  await requireName(rest, options);
  await requireImage(options.image, headers);
  const pipeline = new Pipeline();
  await build(new Root(pipeline));
  const proto = withContainerWorkers(pipeline.getProto(), options.image);
  const id = await submitToDataflow(options.python, proto, allOptions(options));
  options.onJob({ id, url: consoleUrl(options, id) });
  return dataflowJob(rest, id, options);
}

/** An endpoint without TLS is a stand-in on this machine: it is shown no credentials. */
function isPlain(endpoint: string): boolean {
  return endpoint.startsWith("http:");
}

/**
 * Two jobs of one name can't run at once, and only one that runs can be replaced. Both are found out before the upload;
 * the SDK for Python waits for ever for a job that does not run.
 */
async function requireName(rest: DataflowRest, { jobName, region, update }: DataflowOptions): Promise<void> {
  const active = await rest.findActive(jobName);
  if (update && active === undefined) {
    throw new MigrationError("E_DATAFLOW_JOB_MISSING", `no job named ${jobName} runs in ${region}`);
  }
  if (!update && active !== undefined) {
    throw new MigrationError("E_DATAFLOW_JOB_EXISTS", `job ${active}, which runs in ${region}, is named ${jobName}`);
  }
}

function allOptions(options: DataflowOptions): PythonOptions {
  return {
    ...options.pythonOptions,
    project: options.project,
    region: options.region,
    job_name: options.jobName,
    sdk_container_image: options.image,
    update: options.update,
    dataflow_endpoint: options.endpoint,
    no_auth: isPlain(options.endpoint),
    // For our workers: the modules that steps are made of.
    registered_node_modules: getRegisteredModules(),
    [VERSION_OPTION]: packageVersion(),
  };
}

function consoleUrl({ project, region }: DataflowPlace, id: string): string {
  return `https://console.cloud.google.com/dataflow/jobs/${region}/${id}?project=${project}`;
}

function dataflowJob(rest: DataflowRest, id: string, options: DataflowOptions): Job {
  let cancelled: Error | undefined;
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const state = await untilEnded(rest, id, options);
    if (cancelled !== undefined) throw cancelled;
    if (state === "JOB_STATE_FAILED") throw await failureOf(rest, id, options);
    if (state === "JOB_STATE_CANCELLED") {
      throw new MigrationError("E_DATAFLOW_JOB_FAILED", `job ${id} was cancelled by somebody else`);
    }
  };
  return {
    wait() {
      ended ??= end();
      return ended;
    },
    counters: () => rest.counters(id),
    async cancel(reason) {
      cancelled ??= reason;
      await rest.requestState(id, options.stop === "drain" ? "JOB_STATE_DRAINED" : "JOB_STATE_CANCELLED");
    },
  };
}

const END_STATES: ReadonlySet<string> = new Set([
  "JOB_STATE_DONE",
  "JOB_STATE_FAILED",
  "JOB_STATE_CANCELLED",
  "JOB_STATE_UPDATED",
  "JOB_STATE_DRAINED",
]);

/** Waits for a state in which the job stays, and hands on what the service says until then. */
async function untilEnded(rest: DataflowRest, id: string, options: DataflowOptions): Promise<string> {
  const showMessages = messageReader(rest, id, options.onMessage);
  let lastState = "";
  let lastAnswer = performance.now();
  for (let wait = FIRST_POLL_MILLISECONDS; ; wait = Math.min(1.5 * wait, POLL_MILLISECONDS)) {
    try {
      const state = await rest.state(id);
      await showMessages();
      lastAnswer = performance.now();
      if (state !== lastState) options.onState(state);
      lastState = state;
      if (END_STATES.has(state)) return state;
    } catch (error) {
      if (!isOutage(error) || performance.now() - lastAnswer > OUTAGE_MILLISECONDS) throw error;
    }
    await pause(wait);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof MigrationError && error.code === "E_DATAFLOW_UNREACHABLE";
}

/** Each call hands on the messages that are new since the last. */
function messageReader(
  rest: DataflowRest,
  id: string,
  show: (message: DataflowMessage) => void,
): () => Promise<readonly DataflowMessage[]> {
  const seen = new Set<string>();
  let since: string | undefined;
  return async () => {
    const fresh = (await rest.messages(id, since)).filter((message) => !seen.has(message.id));
    for (const message of fresh) {
      seen.add(message.id);
      // Several messages may have one time, and not all of them be there yet.
      since = since === undefined || message.time > since ? message.time : since;
      show(message);
    }
    return fresh;
  };
}

/** Why a job failed: the step's own error where a message holds one, else what the service says. */
async function failureOf(rest: DataflowRest, id: string, { jobName }: DataflowOptions): Promise<Error> {
  const errors: string[] = [];
  const started = performance.now();
  const read = messageReader(rest, id, ({ importance, text }) => {
    if (importance === "JOB_MESSAGE_ERROR") errors.push(text);
  });
  for (;;) {
    await read().catch(() => []);
    if (errors.length > 0 || performance.now() - started > REASON_MILLISECONDS) break;
    await pause(1000);
  }
  for (const text of errors) {
    const failure = decodeFailure(text);
    if (failure !== undefined) return failure;
  }
  const details = errors.flatMap((text) => text.split("\n").filter((line) => line.trim() !== "" && !isStackLine(line)));
  const reason = details[0] ?? "the service says no reason";
  return new MigrationError("E_DATAFLOW_JOB_FAILED", `${jobName} (${id}): ${reason}`, { details });
}

function isStackLine(line: string): boolean {
  return /^\s*(at |File "|Traceback )/.test(line);
}
