import { setTimeout as sleep } from "node:timers/promises";
import { directLauncher } from "../beam/direct-runner";
import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";
import type { ChangeSource, MessageWindow } from "../pubsub/change-source";
import { openPubSubSource } from "../pubsub/pubsub-source";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { defaultApplyChangesOptions } from "../transforms/apply-changes";
import { type ChangeCounts, closeChangeLedger, noChanges, openChangeLedger } from "../transforms/change-ledger";
import { dropWindow, putWindow, readWindow } from "../transforms/read-changes";
import { commitsInFlight } from "./commits-in-flight";
import { reportFailure } from "./failure";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { probeDeadLetters } from "./probe-dead-letters";
import { createRunId } from "./run-id";
import { stopOnSignals } from "./stop-on-signals";
import { createStreamPipeline, type StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import { showStreamProgress } from "./stream-progress";
import { addCounts, changeGap, renderStreamSummary, type StreamSummary } from "./stream-summary";
import { exitCodeOf, type Status, writeSummary } from "./summary";
import { withSpanner } from "./with-spanner";

/** A window also closes at this size of its messages: 32 MB, some 100 MB in memory while it runs. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** Groups of items that a window is spread over, for transactions that run at once. */
const SHARDS = 64;

/** How long one attempt at a window waits for an unreachable Spanner before the user is told. */
const ATTEMPT_MILLISECONDS = 15_000;

/** Pause before a window that could not be applied is tried again. */
const RETRY_SECONDS = 5;

/** After so many seconds a change whose parent's row was missing is tried again. */
const PARENT_RETRY_SECONDS = 2;

/** What is down for now, and what waiting mends. Everything else ends the command. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "E_SPANNER_UNREACHABLE",
  "E_SPANNER_RETRIES_EXHAUSTED",
  "E_STORAGE_UNREACHABLE",
]);

/**
 * Applies changes, one window after the other, until it is told to stop.
 * @returns the exit code
 */
export async function runStream(argv: StreamArguments): Promise<number> {
  const started = performance.now();
  const plan = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    const { dialect } = await requireSchema(connection.database(), plan);
    await probeDeadLetters(argv.deadLetters);
    const source = await openPubSubSource({
      project: argv.project,
      subscription: argv.subscription,
      windowMilliseconds: argv.window * 1000,
      maxMessages: argv.windowMessages,
      maxBytes: WINDOW_BYTES,
      idleMilliseconds: argv.stopWhenIdle === undefined ? undefined : argv.stopWhenIdle * 1000,
    });
    log.info(`Applying changes of ${plan.source.table} from ${argv.subscription} in windows of ${argv.window} s`);

    const total = { counts: noChanges(), windows: 0 };
    const config = createConfig(argv, plan, connection, dialect);
    const failure = await applyWindows(source, config, total, argv.quiet);
    await source.close();

    const gap = changeGap(total.counts);
    const summary: StreamSummary = {
      command: "stream",
      status: statusOf(failure, gap, total.counts),
      ...total.counts,
      written: total.counts.applied,
      windows: total.windows,
      elapsedSeconds: Math.round(performance.now() - started) / 1000,
    };
    process.stdout.write(`${renderStreamSummary(summary)}\n`);
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    if (failure !== undefined) return reportFailure(failure);
    if (gap !== undefined) return reportFailure(new MigrationError("E_ACCOUNTING", gap));
    if (summary.deadLettered > 0) {
      log.warn(`${summary.deadLettered} changes are dead letters in ${argv.deadLetters}, each with its reason.`);
    }
    return exitCodeOf(summary.status);
  });
}

function createConfig(
  argv: StreamArguments,
  plan: MigrationPlan,
  connection: SpannerConnection,
  dialect: StreamConfig["parse"]["dialect"],
): StreamConfig {
  return {
    runId: createRunId(),
    plan,
    target: connection.target,
    parse: { dialect, expiredItems: argv.expiredItems === "ignore" ? "ignore" : "delete", shards: SHARDS },
    apply: {
      ...defaultApplyChangesOptions,
      transactionsInFlight: commitsInFlight(argv.commitsInFlight, connection.emulator),
      parentWaitSeconds: argv.parentWait,
      retryMilliseconds: ATTEMPT_MILLISECONDS,
    },
    deadLetters: argv.deadLetters,
  };
}

interface Total {
  readonly counts: ChangeCounts;
  windows: number;
}

/** @returns the error that ended the stream; undefined if it was told to stop, or idle for long enough */
async function applyWindows(
  source: ChangeSource,
  config: StreamConfig,
  total: Total,
  quiet: boolean,
): Promise<unknown> {
  const stopping = new AbortController();
  const release = stopOnSignals((signal) => {
    log.warn(`${signal}: finishing the window that is being applied; once more ends at once`);
    stopping.abort();
    source.stop();
  });
  const hideProgress = showStreamProgress(source, total.counts, quiet);
  try {
    for (let window = await source.nextWindow(); window !== null; window = await source.nextWindow()) {
      total.windows++;
      await applyWindow(
        window,
        { ...config, runId: `${config.runId}-window-${total.windows}` },
        total,
        stopping.signal,
      );
    }
    return undefined;
  } catch (error) {
    return error;
  } finally {
    hideProgress();
    release();
  }
}

/** Runs the pipeline over one window until it is through, then acknowledges its messages. */
async function applyWindow(
  window: MessageWindow,
  config: StreamConfig,
  total: Total,
  stopping: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      const { counts, waitingSince } = await runWindow(window, config);
      // Every change of the window is committed, was stale, or has a dead letter that is stored; the others wait.
      await window.acknowledge(new Set(waitingSince.keys()));
      window.keepWaiting(waitingSince, PARENT_RETRY_SECONDS);
      addCounts(total.counts, counts);
      return;
    } catch (error) {
      if (!isOutage(error) || stopping.aborted) {
        window.giveBack();
        throw error;
      }
      log.warn(`${(error as Error).message}. No change is lost; trying again in ${RETRY_SECONDS} s.`);
      await sleep(RETRY_SECONDS * 1000, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof MigrationError && OUTAGES.has(error.code);
}

async function runWindow(window: MessageWindow, config: StreamConfig) {
  const { runId } = config;
  putWindow(runId, window.messages);
  try {
    const job = await directLauncher.launch(createStreamPipeline(config, readWindow(runId)));
    await job.wait();
    const { total, waitingSince } = openChangeLedger(runId);
    return { counts: { ...total }, waitingSince };
  } finally {
    dropWindow(runId);
    closeChangeLedger(runId);
  }
}

function statusOf(failure: unknown, gap: string | undefined, { deadLettered }: ChangeCounts): Status {
  if (failure !== undefined) return "failed";
  if (gap !== undefined) return "unaccounted";
  return deadLettered > 0 ? "dead-letters" : "proven";
}
