import type { Job, PipelineBuilder } from "../beam/launcher";
import { MigrationError } from "../errors/migration-error";
import type { DataFile } from "../export/open-export";
import { type FileCounts, type Ledger, openLedger } from "../transforms/ledger";
import { showNotices } from "../transforms/notice";
import { addCounts } from "../transforms/write-counts";
import { type BulkConfig, createBulkPipeline } from "./bulk";
import type { BulkRunner } from "./bulk-runner";
import { type FollowedWorkers, followWorkers } from "./follow-workers";
import { log } from "./log";
import { showProgress } from "./progress";
import { stopOnSignals } from "./stop-on-signals";

/** What all passes of a bulk load share. */
export interface PassConfig extends Omit<BulkConfig, "level" | "readLedger" | "countsFile" | "files"> {
  /** The files that the pass of each level has to read. */
  readonly filesOfLevel: readonly (readonly DataFile[])[];
}

/**
 * Runs the bulk pipeline once for each level of interleaving: a parent's row must be there before its children's.
 * A signal stops it when the commits under way are done.
 *
 * @param expected items that there are to read, where that is known
 * @param progress is kept up to date while it runs
 * @returns the error that ended the load, E_INTERRUPTED after a signal; undefined if it came to its end
 */
export async function runPasses(
  config: PassConfig,
  runner: BulkRunner,
  expected: number | undefined,
  quiet: boolean,
  progress: PassProgress,
  createPipeline: CreatePipeline = createBulkPipeline,
): Promise<unknown> {
  const { filesOfLevel, ...shared } = config;
  const ledger = openLedger(config.runId);
  const levels = filesOfLevel.length;
  const stop = createStop(ledger);
  const release = stopOnSignals(stop.request);
  showNotices((text) => log.warn(text));
  const hideProgress = showProgress(progress, expected, quiet || !runner.waits);
  try {
    for (const [level, files] of filesOfLevel.entries()) {
      if (files.length === 0) continue;
      if (levels > 1) log.info(`Pass ${level + 1} of ${levels}: tables of level ${level}`);
      // Only the first pass counts what is read: the others read the same files again.
      const readLedger = level === 0 ? config.runId : `${config.runId}-level-${level}`;
      const pass = `${config.runId}-level-${level}`;
      const passConfig = { ...shared, files, level, readLedger, countsFile: runner.countsFile(pass) };
      await runPass(createPipeline, passConfig, runner, pass, stop, progress);
    }
    return undefined;
  } catch (error) {
    return error;
  } finally {
    hideProgress();
    release();
  }
}

/** A stop that was asked for, for the pass that runs and for those that would follow. */
interface Stop {
  readonly request: (signal: NodeJS.Signals) => void;
  /** Cancels the job when a stop is asked for, or at once if it was. */
  guard(job: Job, readLedger: string): void;
}

function createStop(ledger: Ledger): Stop {
  let reason: MigrationError | undefined;
  let cancel: (reason: MigrationError) => void = () => undefined;
  return {
    request: (signal) => {
      reason = new MigrationError("E_INTERRUPTED", `stopped by ${signal}`);
      ledger.stopRequested = true;
      log.warn(`${signal}: finishing the commits under way; once more ends at once`);
      cancel(reason);
    },
    guard(job, readLedger) {
      cancel = (why) => {
        openLedger(readLedger).stopRequested = true;
        void job.cancel(why);
      };
      if (reason !== undefined) cancel(reason);
    },
  };
}

/** What has been counted here, and what workers elsewhere say of the pass that runs. */
export interface PassProgress {
  readonly total: Readonly<FileCounts>;
  /** Until the pass has ended and is counted in the ledger. */
  workers: FollowedWorkers | undefined;
}

/** The progress of a load that {@link runPasses} is to run. */
export function createPassProgress(runId: string): PassProgress {
  const ledger = openLedger(runId);
  return {
    workers: undefined,
    get total() {
      const told = this.workers?.total() ?? {};
      const names = Object.keys(ledger.total) as (keyof FileCounts)[];
      const sums = names.map((name) => [name, ledger.total[name] + (told[name] ?? 0)]);
      return Object.fromEntries(sums) as Record<keyof FileCounts, number>;
    },
  };
}

type CreatePipeline = (config: BulkConfig) => PipelineBuilder;

async function runPass(
  createPipeline: CreatePipeline,
  config: BulkConfig,
  runner: BulkRunner,
  pass: string,
  stop: Stop,
  progress: PassProgress,
): Promise<void> {
  const job = await runner.launcher(pass).launch(createPipeline(config));
  stop.guard(job, config.readLedger);
  if (!runner.waits) return;
  const { countsFile } = config;
  if (countsFile === undefined) return job.wait();
  progress.workers = followWorkers(countsFile, (text) => log.warn(text));
  try {
    await job.wait();
  } finally {
    await progress.workers.stop();
    progress.workers = undefined;
  }
  await addCounts(countsFile, openLedger(config.runId));
}
