import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import { orderTables } from "../schema/table-order";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { defaultApplyChangesOptions } from "../transforms/apply-changes";
import { commitsInFlight } from "./commits-in-flight";
import { counted } from "./counted";
import { prepareDataflow } from "./dataflow-runner";
import { requireStreamOnDataflow } from "./dataflow-usage";
import { reportFailure } from "./failure";
import { requireLastingTombstones } from "./lasting-tombstones";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { probeDeadLetters } from "./probe-dead-letters";
import { createRunId } from "./run-id";
import { type RunRecorder, recordRun } from "./run-recorder";
import type { StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import type { StreamEnd } from "./stream-end";
import { streamHere } from "./stream-here";
import { streamOnDataflow } from "./stream-on-dataflow";
import { streamOnFlink } from "./stream-on-flink";
import { changeGap, renderStreamSummary, type StreamSummary } from "./stream-summary";
import { exitCodeOf, probeSummary, type Status, writeSummary } from "./summary";
import { withSpanner } from "./with-spanner";

/** Groups of items that a window is spread over, for transactions that run at once. */
const SHARDS = 64;

/** How long one attempt at a window waits for an unreachable Spanner before the user is told. */
const ATTEMPT_MILLISECONDS = 15_000;

/**
 * Applies changes until it is told to stop.
 * @returns the exit code
 */
export async function runStream(argv: StreamArguments): Promise<number> {
  const started = performance.now();
  const mapped = readMappingFile(argv.mapping);
  if (argv.runner === "dataflow") {
    requireStreamOnDataflow(argv);
    await prepareDataflow(argv);
  }
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), mapped);
    // Foreign keys that no order satisfies are no matter here: a change waits for the row that it refers to.
    const { plan } = orderTables(mapped, schema);
    await probeDeadLetters(argv.deadLetters);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    const config = createConfig(argv, plan, connection, schema.dialect);
    let record: RunRecorder | undefined;
    const ended = await streamOn(argv.runner)(argv, config, {
      check: (retentionSeconds) => requireLastingTombstones(plan, schema, retentionSeconds),
      begin(state) {
        record = recordRun(connection, schema, { runId: config.runId, command: "stream", plan: mapped }, state);
      },
    });
    if (ended === undefined) {
      // The job has been left to itself: nothing is known of its end.
      await record?.end("handed-over");
      return 0;
    }
    const { failure, counts, windows } = ended;
    const gap = ended.exact ? changeGap(counts) : undefined;
    const summary: StreamSummary = {
      command: "stream",
      status: statusOf(ended, gap),
      ...counts,
      written: counts.applied,
      windows,
      elapsedSeconds: Math.round(performance.now() - started) / 1000,
    };
    await record?.end(summary.status, { failure });
    process.stdout.write(`${renderStreamSummary(summary)}\n`);
    const exitCode = reportEnd(summary, failure, gap, argv.deadLetters);
    // Last: a summary that can't be written must not take the place of what ended the stream.
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    return exitCode;
  });
}

type Stream = typeof streamHere | typeof streamOnFlink | typeof streamOnDataflow;

function streamOn(runner: string): Stream {
  switch (runner) {
    case "flink":
      return streamOnFlink;
    case "dataflow":
      return streamOnDataflow;
    default:
      return streamHere;
  }
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
  if (summary.status === "unproven") {
    log.warn(
      "A runner's counters are no proof, for what is delivered twice counts twice: `verify` compares every item.",
    );
  }
  return exitCodeOf(summary.status);
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

function statusOf({ failure, counts, exact }: StreamEnd, gap: string | undefined): Status {
  if (failure !== undefined) return "failed";
  if (gap !== undefined) return "unaccounted";
  if (counts.waiting > 0) return "interrupted";
  if (counts.deadLettered > 0) return "dead-letters";
  return exact ? "proven" : "unproven";
}
