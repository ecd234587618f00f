import Table from "cli-table3";
import { cellsPerRow } from "../schema/cells-per-row";
import { findLiveTable } from "../schema/schema-difference";
import { requireSchema } from "../spanner/require-schema";
import { openFolder } from "../storage/open-folder";
import { defaultApplyChangesOptions } from "../transforms/apply-changes";
import { type DeadLetter, failedAgain } from "../transforms/dead-letter";
import { commitsInFlight } from "./commits-in-flight";
import { counted } from "./counted";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import { orderForWriting } from "./order-for-writing";
import { probeDeadLetters } from "./probe-dead-letters";
import type { ReplayConfig } from "./replay";
import type { ReplayArguments } from "./replay-command";
import { readLetterFiles, settleFile } from "./replay-folder";
import { type ReplayOutcome, replayLetters } from "./replay-letters";
import { createRunId } from "./run-id";
import { type RunState, recordRun } from "./run-recorder";
import { probeSummary, writeSummary } from "./summary";
import { withSpanner } from "./with-spanner";

/** The counts that `replay --summary` writes: `read = written + stale + filtered + deadLettered`. */
export interface ReplaySummary {
  readonly command: "replay";
  readonly status: "proven" | "dead-letters";
  readonly read: number;
  readonly written: number;
  readonly stale: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly elapsedSeconds: number;
}

const SHARDS = 16;

/**
 * Puts the dead letters of a folder through again. What succeeds is moved to `done/`; what fails again stays, with the
 * history of its failures. Nothing is moved before all of them are through.
 * @returns the exit code: 3 if dead letters are left
 */
export async function runReplay(argv: ReplayArguments): Promise<number> {
  const started = performance.now();
  const mapped = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), mapped);
    const plan = orderForWriting(mapped, schema);
    if (argv.summary !== undefined) await probeSummary(argv.summary);
    const folder = openFolder(argv.deadLetters);
    // Before the probe, which would make a folder of a mistyped name.
    const files = await readLetterFiles(folder);
    await probeDeadLetters(argv.deadLetters);
    const letters = files.flatMap((file) => file.letters);
    log.info(`Putting ${counted(letters.length, "dead letter")} of ${folder.url} through again`);

    const inFlight = commitsInFlight(argv.commitsInFlight, connection.emulator);
    const config: ReplayConfig = {
      runId: createRunId(),
      plan,
      target: connection.target,
      cellsPerRow: plan.tables.map((table) => {
        const live = findLiveTable(schema, table.name);
        return live === undefined ? table.columns.length : cellsPerRow(live, table);
      }),
      commitsInFlight: inFlight,
      parse: {
        dialect: schema.dialect,
        expiredItems: argv.expiredItems === "ignore" ? "ignore" : "delete",
        shards: SHARDS,
      },
      // There is nothing to wait for: a parent that is missing now is the reason of the dead letter.
      sourceTable: argv.sourceTable ?? null,
      apply: { ...defaultApplyChangesOptions, transactionsInFlight: inFlight, parentWaitSeconds: 0 },
    };
    let outcome: ReplayOutcome | undefined;
    const state = () => replayRunState(folder.url, letters.length, outcome);
    const record = recordRun(connection, schema, { runId: config.runId, command: "replay", plan: mapped }, state);
    let failed: ReadonlyMap<DeadLetter, DeadLetter>;
    try {
      outcome = await replayLetters(letters, config);
      failed = lettersThatStay(outcome, new Date());
      for (const file of files) await settleFile(folder, file, failed);
    } catch (error) {
      await record.end("failed", { failure: error });
      throw error;
    }
    await record.end(failed.size === 0 ? "proven" : "dead-letters");

    const summary: ReplaySummary = {
      command: "replay",
      status: failed.size === 0 ? "proven" : "dead-letters",
      read: letters.length,
      written: outcome.written,
      stale: outcome.stale,
      filtered: outcome.filtered,
      deadLettered: failed.size,
      elapsedSeconds: Math.round(performance.now() - started) / 1000,
    };
    process.stdout.write(`${renderReplaySummary(summary)}\n`);
    if (argv.summary !== undefined) await writeSummary(argv.summary, summary);
    if (failed.size === 0) return 0;
    log.warn(`${counted(failed.size, "dead letter")} failed again and stay in ${folder.url}, each with its reasons.`);
    return 3;
  });
}

function replayRunState(folder: string, read: number, outcome: ReplayOutcome | undefined): RunState {
  const counts =
    outcome === undefined
      ? { read }
      : { read, written: outcome.written, stale: outcome.stale, filtered: outcome.filtered };
  const deadLettered = outcome === undefined ? {} : { deadLettered: outcome.failures.size };
  return { done: undefined, counts: { ...counts, ...deadLettered }, runner: "direct", deadLetters: folder };
}

function lettersThatStay({ failures }: ReplayOutcome, at: Date): ReadonlyMap<DeadLetter, DeadLetter> {
  return new Map([...failures].map(([letter, reason]) => [letter, failedAgain(letter, reason, at)]));
}

function renderReplaySummary(summary: ReplaySummary): string {
  const table = new Table({ colAligns: ["left", "right"], style: { head: [], border: [] } });
  const number = new Intl.NumberFormat("en-US");
  table.push(
    ["dead letters read", number.format(summary.read)],
    ["written", number.format(summary.written)],
    ["stale (a newer change was there)", number.format(summary.stale)],
    ["filtered by the mapping", number.format(summary.filtered)],
    ["failed again", number.format(summary.deadLettered)],
    ["seconds", number.format(summary.elapsedSeconds)],
    ["status", summary.status],
  );
  return table.toString();
}
