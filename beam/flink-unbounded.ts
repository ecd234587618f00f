import { setTimeout as pause } from "node:timers/promises";
import { MigrationError } from "../errors/migration-error";
import { flinkFailure } from "./flink-failure";
import { type FlinkOptions, submitOnFlink, workerProgram } from "./flink-launcher";
import { type FlinkRest, openFlinkRest } from "./flink-rest";
import type { Counters, Job, PipelineBuilder } from "./launcher";
import type { WorkerProcess } from "./portable-environment";
import type { PipelineOptions, PortableJob } from "./portable-job-service";
import { restartedCounters } from "./restarted-counters";

export interface UnboundedOptions extends FlinkOptions {
  /** Between two checkpoints; sources acknowledge at a checkpoint what they have handed on before. */
  readonly checkpointMilliseconds: number;
  /** A bundle ends after so long, or at a checkpoint, or with so many elements. */
  readonly bundleMilliseconds: number;
  readonly bundleElements: number;
  readonly javaSteps: WorkerProcess | "embedded";
  /** Of the source, say. */
  readonly pipelineOptions: PipelineOptions;
}

/** What the launcher of a job without an end is told of. */
export interface UnboundedEvents {
  /** The job has failed with this error: whether it shall end with it, or start again from its last checkpoint. */
  endsJob(error: Error): boolean;
  /** Flink does not answer (the error), or does again (undefined). */
  onReach(error: Error | undefined): void;
}

const POLL_MILLISECONDS = 1000;
const RETRY_MILLISECONDS = 5000;
/** For the text of a failure, which the job server has a moment after the job has failed. */
const MESSAGE_MILLISECONDS = 5000;
/** For a job that was cancelled to come to its end. */
const CANCEL_MILLISECONDS = 60_000;
const ENDED: ReadonlySet<string> = new Set(["FINISHED", "FAILED", "CANCELED"]);

/**
 * Runs a pipeline without an end on a Flink cluster. Once Flink has the job, all that is asked and told goes through Flink's
 * REST interface: the job outlives the job server, and this process. A job that fails starts again from its last
 * checkpoint, for ever, unless `endsJob` says otherwise.
 */
export async function launchUnbounded(
  build: PipelineBuilder,
  options: UnboundedOptions,
  events: UnboundedEvents,
): Promise<Job> {
  const rest = openFlinkRest(options.flinkMaster);
  const portable = await submitOnFlink(build, options, rest, {
    javaSteps: options.javaSteps,
    pipelineOptions: {
      ...options.pipelineOptions,
      streaming: true,
      checkpointing_interval: options.checkpointMilliseconds,
      // All bundles are at their end, and what they wrote is committed, before a checkpoint is made.
      finish_bundle_before_checkpointing: true,
      max_bundle_size: options.bundleElements,
      max_bundle_time_mills: options.bundleMilliseconds,
      number_of_execution_retries: 2 ** 31 - 1,
      execution_retry_delay: RETRY_MILLISECONDS,
    },
  });
  return unboundedJob(await startedJob(portable, rest, options), rest, options, events);
}

/** For errors: Flink does not tell which of them could not be started. */
function workerPrograms(options: UnboundedOptions): string {
  const worker = workerProgram(options);
  return options.javaSteps === "embedded" ? worker : `${worker}, or ${options.javaSteps.command},`;
}

/** Waits until Flink has the job. @returns its id */
async function startedJob(portable: PortableJob, rest: FlinkRest, options: UnboundedOptions): Promise<string> {
  try {
    for (;;) {
      const job = await rest.findJob(options.jobName);
      if (job !== undefined) return job.id;
      const state = await portable.state();
      if (state !== "running") {
        const messages = await portable.errorMessages(MESSAGE_MILLISECONDS);
        throw flinkFailure(messages, options.jobName, workerPrograms(options));
      }
      await pause(POLL_MILLISECONDS / 2);
    }
  } finally {
    portable.close();
  }
}

function unboundedJob(id: string, rest: FlinkRest, options: UnboundedOptions, events: UnboundedEvents): Job {
  let cancelled: { readonly reason: Error; readonly at: number } | undefined;
  let cancelSent = false;
  let lastFailure = 0;
  const counters = restartedCounters();
  const cancel = (reason: Error) => {
    cancelled ??= { reason, at: performance.now() };
  };

  const look = async (): Promise<"goes on" | "has ended"> => {
    const { state, failure } = await rest.look(id);
    if (cancelled !== undefined) {
      if (ENDED.has(state)) return "has ended";
      if (!cancelSent) await rest.cancelJob(id);
      cancelSent = true;
      return "goes on";
    }
    const isNew = failure !== undefined && failure.at > lastFailure;
    lastFailure = failure?.at ?? lastFailure;
    const error = isNew ? flinkFailure([failure.text], options.jobName, workerPrograms(options)) : undefined;
    if (error !== undefined && !ENDED.has(state) && events.endsJob(error)) cancel(error);
    if (!ENDED.has(state)) return "goes on";
    throw error ?? new MigrationError("E_FLINK_JOB_FAILED", `${options.jobName}: Flink has ended it as ${state}`);
  };

  const end = async (): Promise<void> => {
    let lost = false;
    for (;;) {
      try {
        const state = await look();
        if (lost) events.onReach(undefined);
        lost = false;
        if (state === "has ended") break;
      } catch (error) {
        if (!(error instanceof MigrationError && error.code === "E_FLINK_UNREACHABLE")) throw error;
        if (!lost) events.onReach(error);
        lost = true;
      }
      if (cancelled !== undefined && performance.now() - cancelled.at > CANCEL_MILLISECONDS) break;
      await pause(POLL_MILLISECONDS);
    }
    if (cancelled !== undefined) throw cancelled.reason;
  };
  const ended = end();
  // Whoever calls wait() gets the error; if it comes before that call, it is not an unhandled rejection.
  ended.catch(() => undefined);

  return {
    wait: () => ended,
    // Without an answer the counts are those of the last look.
    counters: async (): Promise<Counters> => counters.see(await rest.userCounters(id).catch(() => ({}))),
    async cancel(reason) {
      cancel(reason);
    },
  };
}
