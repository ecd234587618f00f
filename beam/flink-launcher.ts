import { accessSync, chmodSync, constants } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import "apache-beam";
import { Pipeline } from "apache-beam/internal/pipeline";
import { Root } from "apache-beam/pvalue";
import { MigrationError } from "../errors/migration-error";
import { decodeFailure } from "./failure-text";
import { type FlinkRest, openFlinkRest } from "./flink-rest";
import type { Job, Launcher, PipelineBuilder } from "./launcher";
import { withPoolWorkers, withProcessWorkers } from "./portable-environment";
import { type PortableJob, submitPortableJob } from "./portable-job-service";
import { describeWorkerExit } from "./worker-start";
import "./patches";

export interface FlinkOptions {
  /** `host:port` of Beam's job server for Flink. */
  readonly jobEndpoint: string;
  /** `host:port` of Flink's REST interface. */
  readonly flinkMaster: string;
  /** Tasks that run at once; by default as many as the cluster has slots. */
  readonly parallelism?: number | undefined;
  /** Unique among the cluster's jobs: by it the job is found again. */
  readonly jobName: string;
  /** The program that a TaskManager starts as a worker; by default the one of this package, at the path it has here. */
  readonly workerCommand?: string | undefined;
  /** `host:port` of the pool that each TaskManager asks for workers; absent: it starts `workerCommand` itself. */
  readonly workerPool?: string | undefined;
  /** Environment variables of the workers, besides those of the TaskManager. */
  readonly workerEnvironment?: Readonly<Record<string, string>>;
}

const POLL_MILLISECONDS = 500;
/** For the text of a failure, which the job server has a moment after the job has failed. */
const MESSAGE_MILLISECONDS = 5000;
/** For a job that was cancelled to come to its end. */
const CANCEL_MILLISECONDS = 60_000;

/**
 * Runs pipelines on a Flink cluster, by way of Beam's job server. Steps run in worker processes that the TaskManagers
 * start; an error of a step arrives at `wait()` as the same MigrationError, or as an Error with its message.
 */
export function flinkLauncher(options: FlinkOptions): Launcher {
  return { launch: (build) => launchOnFlink(build, options) };
}

async function launchOnFlink(build: PipelineBuilder, options: FlinkOptions): Promise<Job> {
  const { jobEndpoint, flinkMaster, jobName, workerCommand = ownWorker() } = options;
  const rest = openFlinkRest(flinkMaster);
  const parallelism = options.parallelism ?? (await rest.slots());
  if (parallelism < 1) throw new MigrationError("E_FLINK_UNREACHABLE", `Flink at ${flinkMaster} has no TaskManager`);
  const pipeline = new Pipeline();
  await build(new Root(pipeline));
  const portable = await submitPortableJob(jobEndpoint, withFlinkWorkers(pipeline.getProto(), options), jobName, {
    runner: "FlinkRunner",
    flink_master: flinkMaster,
    parallelism,
  });
  return flinkJob(portable, rest, jobName, workerCommand);
}

function withFlinkWorkers(pipeline: ReturnType<Pipeline["getProto"]>, options: FlinkOptions) {
  const { workerPool, workerCommand = ownWorker(), workerEnvironment: environment = {} } = options;
  return workerPool === undefined
    ? withProcessWorkers(pipeline, { command: workerCommand, environment })
    : withPoolWorkers(pipeline, { endpoint: workerPool, environment });
}

function flinkJob(portable: PortableJob, rest: FlinkRest, jobName: string, workerCommand: string): Job {
  let cancelled: { readonly reason: Error; readonly at: number } | undefined;
  let cancelSent = false;

  /** The job may not have reached Flink yet when it is cancelled: so it is tried until it has worked. */
  const sendCancel = async (): Promise<void> => {
    const job = await rest.findJob(jobName);
    if (job === undefined) return;
    await rest.cancelJob(job.id);
    cancelSent = true;
  };

  const end = async (): Promise<void> => {
    for (;;) {
      const state = await portable.state();
      if (cancelled !== undefined) {
        if (state !== "running" || performance.now() - cancelled.at > CANCEL_MILLISECONDS) throw cancelled.reason;
        if (!cancelSent) await sendCancel().catch(() => undefined);
      } else if (state === "done") {
        return;
      } else if (state !== "running") {
        throw await failureOf(portable, rest, jobName, workerCommand);
      }
      await pause(POLL_MILLISECONDS);
    }
  };
  const ended = end();
  // Whoever calls wait() gets the error; if it comes before that call, it is not an unhandled rejection.
  ended.catch(() => undefined);

  return {
    wait: () => ended,
    counters: () => portable.counters(),
    async cancel(reason) {
      cancelled ??= { reason, at: performance.now() };
    },
  };
}

async function failureOf(
  portable: PortableJob,
  rest: FlinkRest,
  jobName: string,
  workerCommand: string,
): Promise<Error> {
  const ofFlink = async (): Promise<string> => {
    const job = await rest.findJob(jobName).catch(() => undefined);
    return job === undefined ? "" : rest.failure(job.id).catch(() => "");
  };
  const texts = [await ofFlink(), ...(await portable.errorMessages(MESSAGE_MILLISECONDS))].filter(
    (text) => text !== "",
  );
  for (const text of texts) {
    const failure = decodeFailure(text);
    if (failure !== undefined) return failure;
  }
  const [, exitCode] = /Process died with exit code (\d+)/.exec(texts.join("\n")) ?? [];
  if (exitCode !== undefined) {
    return new MigrationError(
      "E_WORKER_START",
      `${workerCommand} ended with ${describeWorkerExit(Number(exitCode))} on a TaskManager`,
    );
  }
  const [, noPool] = /ExternalEnvironmentFactory[\s\S]*?Connection refused: (\S+)/.exec(texts.join("\n")) ?? [];
  if (noPool !== undefined) {
    const message = `a TaskManager found no worker pool at ${noPool}: start dynamodb-to-spanner-worker-pool on its machine`;
    return new MigrationError("E_WORKER_START", message);
  }
  const [, cannotRun] = /(Cannot run program .+)/.exec(texts.join("\n")) ?? [];
  if (cannotRun !== undefined) return new MigrationError("E_WORKER_START", `on a TaskManager: ${cannotRun}`);
  if (/CANCELLED: client cancelled/.test(texts.join("\n"))) {
    return new MigrationError("E_WORKER_LOST", "a worker ended in the midst of its work, without a word");
  }
  const details = texts.flatMap((text) => text.split("\n").filter((line) => !/^\s*(at |\.\.\. )/.test(line)));
  const reason = details.findLast((line) => line.startsWith("Caused by: ")) ?? details[0] ?? "it says no reason";
  return new MigrationError("E_FLINK_JOB_FAILED", `${jobName}: ${reason.replace(/^Caused by: /, "")}`, { details });
}

/** This package's own worker program. It must be executable, which only an installed package's programs are. */
function ownWorker(): string {
  const path = join(__dirname, "worker-main.js");
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, 0o755);
  }
  return path;
}
