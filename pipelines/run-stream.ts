import { MigrationError } from "../errors/migration-error";
import { type OpenedSubscription, openPubSubSource } from "../pubsub/pubsub-source";
import type { ReachEvent } from "../pubsub/reach";
import type { MigrationPlan } from "../schema/migration-plan";
import { orderTables } from "../schema/table-order";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { defaultApplyChangesOptions } from "../transforms/apply-changes";
import type { ChangeCounts } from "../transforms/change-ledger";
import { commitsInFlight } from "./commits-in-flight";
import { counted } from "./counted";
import { reportFailure } from "./failure";
import { formatDuration } from "./format-duration";
import { requireLastingTombstones } from "./lasting-tombstones";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { probeDeadLetters } from "./probe-dead-letters";
import { createRunId } from "./run-id";
import { recordRun } from "./run-recorder";
import { stopOnSignals } from "./stop-on-signals";
import type { StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import { showStreamProgress } from "./stream-progress";
import { streamRunState } from "./stream-record";
import { changeGap, renderStreamSummary, type StreamSummary } from "./stream-summary";
import { applyWindows, emptyTotal, type StreamTotal } from "./stream-windows";
import { exitCodeOf, probeSummary, type Status, writeSummary } from "./summary";
import { withSpanner } from "./with-spanner";

/** A window also closes at this size of its messages: 32 MB, some 100 MB in memory while it runs. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** Groups of items that a window is spread over, for transactions that run at once. */
const SHARDS = 64;

/** How long one attempt at a window waits for an unreachable Spanner before the user is told. */
const ATTEMPT_MILLISECONDS = 15_000;

/**
 * Applies changes, one window after the other, until it is told to stop.
 * @returns the exit code
 */
export async function runStream(argv: StreamArguments): Promise<number> {
  const started = performance.now();
  const mapped = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), mapped);
    // Foreign keys that no order satisfies are no matter here: a change waits for the row that it refers to.
    const { plan } = orderTables(mapped, schema);
    await probeDeadLetters(argv.deadLetters);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    const opened = await openSource(argv);
    try {
      requireLastingTombstones(plan, schema, opened.retentionSeconds);
    } catch (error) {
      await opened.source.close();
      throw error;
    }
    const total = emptyTotal();
    const config = createConfig(argv, plan, connection, schema.dialect);
    const { state, ends } = streamRunState(argv, opened, total);
    const record = recordRun(connection, schema, { runId: config.runId, command: "stream", plan: mapped }, state);
    const failure = await applyUntilStopped(opened, config, total, argv, ends);

    const gap = changeGap(total.counts);
    const summary: StreamSummary = {
      command: "stream",
      status: statusOf(failure, gap, total.counts),
      ...total.counts,
      written: total.counts.applied,
      windows: total.windows,
      elapsedSeconds: Math.round(performance.now() - started) / 1000,
    };
    await record.end(summary.status, { failure });
    process.stdout.write(`${renderStreamSummary(summary)}\n`);
    const exitCode = reportEnd(summary, failure, gap, argv.deadLetters);
    // Last: a summary that can't be written must not take the place of what ended the stream.
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    return exitCode;
  });
}

/** Says what the table does not, and returns the exit code. */
function reportEnd(summary: StreamSummary, failure: unknown, gap: string | undefined, deadLetters: string): number {
  if (failure !== undefined) return reportFailure(failure);
  if (gap !== undefined) return reportFailure(new MigrationError("E_ACCOUNTING", gap));
  if (summary.waiting > 0) {
    const waiting = counted(summary.waiting, "change");
    log.warn(`${waiting} still waited for another row's change: given back to the subscription, for the next stream.`);
  }
  if (summary.deadLettered > 0) {
    log.warn(`${counted(summary.deadLettered, "change")} became dead letters in ${deadLetters}, each with its reason.`);
  }
  return exitCodeOf(summary.status);
}

function openSource(argv: StreamArguments): Promise<OpenedSubscription> {
  const options = {
    project: argv.project,
    subscription: argv.subscription,
    windowMilliseconds: argv.window * 1000,
    maxMessages: argv.windowMessages,
    maxBytes: WINDOW_BYTES,
    idleMilliseconds: argv.stopWhenIdle === undefined ? undefined : argv.stopWhenIdle * 1000,
  };
  return openPubSubSource(options, reportReach);
}

function reportReach(event: ReachEvent): void {
  if (event.kind === "back") log.info(`Pub/Sub can be reached again, after ${formatDuration(event.seconds)}`);
  else {
    const since = event.lastAnswer.toISOString();
    log.warn(`Pub/Sub can't be reached since ${since} (${event.reason}). No change is lost; trying on.`);
  }
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

/**
 * Shows progress, stops at a signal, and closes the source.
 * @param ends is told when no more messages are taken
 * @returns the error that ended the stream; undefined if it was told to stop, or idle for long enough
 */
async function applyUntilStopped(
  opened: OpenedSubscription,
  config: StreamConfig,
  total: StreamTotal,
  { subscription, window, quiet }: StreamArguments,
  ends: () => void,
): Promise<unknown> {
  const { source } = opened;
  const stopping = new AbortController();
  const release = stopOnSignals((signal) => {
    log.warn(`${signal}: finishing the window that is being applied; once more ends at once`);
    stopping.abort();
    source.stop();
  });
  log.info(`Applying changes of ${config.plan.source.table} from ${subscription} in windows of ${window} s`);
  const hideProgress = showStreamProgress(opened, total, quiet);
  try {
    await applyWindows(source, config, total, stopping.signal);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    ends();
    hideProgress();
    // What is not acknowledged by now is given back; a failure to do so only delays its delivery.
    await source.close().catch((error: Error) => log.warn(`closing the subscription: ${error.message}`));
    release();
  }
}

function statusOf(failure: unknown, gap: string | undefined, { waiting, deadLettered }: ChangeCounts): Status {
  if (failure !== undefined) return "failed";
  if (gap !== undefined) return "unaccounted";
  if (waiting > 0) return "interrupted";
  return deadLettered > 0 ? "dead-letters" : "proven";
}
