import { hostname } from "node:os";
import { MigrationError } from "../errors/migration-error";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { RUNS_TABLE } from "../schema/progress-table";
import type { RunCommand, RunDetails, RunFile, RunStatus } from "../schema/run-record";
import { formatRunFiles } from "../schema/run-record";
import { findLiveTable } from "../schema/schema-difference";
import type { SpannerConnection } from "../spanner/connection";
import { type RunWrite, writeRun } from "../spanner/run-store";
import { withinTime } from "../spanner/within-time";
import { log } from "./log";
import { mappingHash } from "./mapping-hash";
import { createProgressSamples } from "./progress-samples";

/** How often a run that goes on says so in the database. */
const HEARTBEAT_MILLISECONDS = 10_000;

/** More than the requests' own limit: a command's end is not held up for the sake of its record. */
const WRITE_MILLISECONDS = 15_000;

/** What a run tells of itself; called again and again while it goes on. */
export interface RunState extends Omit<RunDetails, "samples" | "rate" | "machine" | "failure"> {
  /** Items, changes or rows that are done; undefined while nothing is known of them. */
  readonly done: number | undefined;
}

export interface RunIdentity {
  readonly runId: string;
  readonly command: RunCommand;
  /** As the mapping file says it, before any order of tables. */
  readonly plan: MigrationPlan;
}

export interface RunRecorder {
  /** Resolves when the beginning is recorded, or could not be: what is read after that is newer than the beginning. */
  readonly begun: Promise<void>;
  /** Records the end. To be called when everything that the run has to commit is committed. */
  end(status: RunStatus, more?: RunEnd): Promise<void>;
}

export interface RunEnd {
  /** What ended the run, if it failed. */
  readonly failure?: unknown;
  readonly files?: readonly RunFile[];
  /** In place of the counts that the run's state gives. */
  readonly counts?: Readonly<Record<string, number>>;
}

/**
 * Records in the database that a run has begun, each some seconds that it goes on, and its end. None of it ever fails or
 * changes or holds up the run: what can't be recorded is a warning, and `status` then knows the less, which never makes a
 * GO of a NO-GO.
 */
export function recordRun(
  connection: SpannerConnection,
  live: LiveSchema,
  { runId, command, plan }: RunIdentity,
  state: () => RunState,
  heartbeatMilliseconds: number = HEARTBEAT_MILLISECONDS,
): RunRecorder {
  if (findLiveTable(live, RUNS_TABLE) === undefined) {
    log.warn(`This run is not recorded, for want of the table ${RUNS_TABLE}: \`schema apply\` makes it.`);
    return { begun: Promise.resolve(), end: async () => undefined };
  }
  const identity = { runId, command, sourceTable: plan.source.table, mappingHash: mappingHash(plan) };
  const samples = createProgressSamples();
  let warned = false;
  let beginning: RunWrite["started"] = "begin";

  const write = async (status: RunStatus, ended: boolean, { failure, files, counts }: RunEnd) => {
    try {
      const { done, ...facts } = state();
      samples.add(done);
      const details: RunDetails = {
        ...facts,
        counts: { ...(counts ?? facts.counts) },
        samples: samples.points(),
        rate: samples.rate(),
        machine: hostname(),
        failure: failure === undefined ? null : codeOf(failure),
      };
      const text = files === undefined ? undefined : formatRunFiles(files);
      const run: RunWrite = { ...identity, status, started: beginning, ended, details, files: text };
      await withinTime(writeRun(connection, run), WRITE_MILLISECONDS);
      beginning = "keep";
    } catch (error) {
      // A later record must not make a beginning of its own time.
      if (beginning === "begin") beginning = "unknown";
      if (!warned) log.warn(`This run could not be recorded in ${RUNS_TABLE}: ${(error as Error).message}`);
      warned = true;
    }
  };

  let writing: Promise<void> | undefined;
  const beat = () => {
    writing ??= write("running", false, {}).finally(() => {
      writing = undefined;
    });
    return writing;
  };
  const begun = beat();
  const timer = setInterval(beat, heartbeatMilliseconds).unref();
  return {
    begun,
    async end(status, more = {}) {
      clearInterval(timer);
      // One that comes late must not say "running" over the end.
      await writing;
      await write(status, true, more);
    },
  };
}

function codeOf(failure: unknown): string {
  return failure instanceof MigrationError ? failure.code : "E_INTERNAL";
}
