import { accessSync, chmodSync, constants } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import "apache-beam";
import { Pipeline } from "apache-beam/internal/pipeline";
import { Root } from "apache-beam/pvalue";
import { MigrationError } from "../errors/migration-error";
import { flinkFailure } from "./flink-failure";
import { type FlinkRest, openFlinkRest } from "./flink-rest";
import type { Job, Launcher, PipelineBuilder } from "./launcher";
import { type WorkerProcess, withJavaSteps, withPoolWorkers, withProcessWorkers } from "./portable-environment";
import { type PipelineOptions, type PortableJob, submitPortableJob } from "./portable-job-service";
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
  const rest = openFlinkRest(options.flinkMaster);
  const portable = await submitOnFlink(build, options, rest);
  return flinkJob(portable, rest, options);
}

/** What a kind of pipeline needs besides. */
export interface Submission {
  readonly pipelineOptions?: PipelineOptions;
  /** Where steps that are written in Java run. */
  readonly javaSteps?: WorkerProcess | "embedded";
}

/** Builds a pipeline and hands it to the job server. */
export async function submitOnFlink(
  build: PipelineBuilder,
  options: FlinkOptions,
  rest: FlinkRest,
  { pipelineOptions = {}, javaSteps = "embedded" }: Submission = {},
): Promise<PortableJob> {
  const { jobEndpoint, flinkMaster, jobName } = options;
  const parallelism = options.parallelism ?? (await rest.slots());
  if (parallelism < 1) throw new MigrationError("E_FLINK_UNREACHABLE", `Flink at ${flinkMaster} has no TaskManager`);
  const pipeline = new Pipeline();
  await build(new Root(pipeline));
  const proto = withJavaSteps(withFlinkWorkers(pipeline.getProto(), options), javaSteps);
  return submitPortableJob(jobEndpoint, proto, jobName, {
    ...pipelineOptions,
    runner: "FlinkRunner",
    flink_master: flinkMaster,
    parallelism,
  });
}

function withFlinkWorkers(pipeline: ReturnType<Pipeline["getProto"]>, options: FlinkOptions) {
  const { workerPool, workerEnvironment: environment = {} } = options;
  return workerPool === undefined
    ? withProcessWorkers(pipeline, { command: workerProgram(options), environment })
    : withPoolWorkers(pipeline, { endpoint: workerPool, environment });
}

function flinkJob(portable: PortableJob, rest: FlinkRest, options: FlinkOptions): Job {
  const { jobName } = options;
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
        const job = await rest.findJob(jobName).catch(() => undefined);
        const ofFlink = job === undefined ? "" : await rest.failure(job.id).catch(() => "");
        const texts = [ofFlink, ...(await portable.errorMessages(MESSAGE_MILLISECONDS))];
        throw flinkFailure(texts, jobName, workerProgram(options));
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

/** The program that a TaskManager starts as a worker. */
export function workerProgram({ workerCommand = ownProgram("worker-main.js") }: FlinkOptions): string {
  return workerCommand;
}

/**
 * The process in which a TaskManager runs steps that are written in Java; its program lies beside that of other workers.
 * @param jars folder of the job server's jars on the TaskManagers' machines
 */
export function javaWorker(workerCommand: string | undefined, jars: string): WorkerProcess {
  const name = "java-worker-main.js";
  const command = workerCommand === undefined ? ownProgram(name) : join(dirname(workerCommand), name);
  return { command, environment: { BEAM_JAVA_JARS: jars } };
}

/** A program of this package. It must be executable, which only an installed package's programs are. */
function ownProgram(name: string): string {
  const path = join(__dirname, name);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, 0o755);
  }
  return path;
}
