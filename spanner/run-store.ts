import { RUNS_TABLE } from "../schema/progress-table";
import {
  parseRunFiles,
  parseRunRow,
  RUN_COLUMNS,
  type RunDetails,
  type RunFiles,
  type RunRow,
} from "../schema/run-record";
import type { WireValue } from "../schema/wire-value";
import { createCommitSender } from "./commit-sender";
import type { SpannerConnection } from "./connection";
import { encodeMutations } from "./encode-mutations";
import { takeSnapshot } from "./row-reader";
import { COMMIT_TIMESTAMP } from "./version-table";

const REQUEST_MILLISECONDS = 5_000;
const RETRY_MILLISECONDS = 10_000;

/** A record to be written: times are those of its commit. */
export interface RunWrite extends Pick<RunRow, "runId" | "command" | "sourceTable" | "mappingHash" | "status"> {
  /** `begin` sets when the run began, `unknown` says that nobody knows; `keep` leaves what is there. */
  readonly started: "begin" | "keep" | "unknown";
  readonly ended: boolean;
  readonly details: RunDetails;
  /** Text for the column `Files`; undefined leaves what is there. */
  readonly files?: string | undefined;
}

/**
 * Writes a row of the table of runs, over what is there of it.
 * @throws MigrationError E_SPANNER_…, after some 10 seconds
 */
export async function writeRun(connection: SpannerConnection, run: RunWrite): Promise<void> {
  const cells: [string, WireValue][] = [
    ["RunId", run.runId],
    ["Command", run.command],
    ["SourceTable", run.sourceTable],
    ["MappingHash", run.mappingHash],
    ["Status", run.status],
    ["RecordedAt", COMMIT_TIMESTAMP],
    ["EndedAt", run.ended ? COMMIT_TIMESTAMP : null],
    ["Details", JSON.stringify(run.details)],
  ];
  if (run.started !== "keep") cells.push(["StartedAt", run.started === "begin" ? COMMIT_TIMESTAMP : null]);
  if (run.files !== undefined) cells.push(["Files", run.files]);
  const columns = cells.map(([name]) => name);
  const values = cells.map(([, value]) => value);
  const sender = createCommitSender(connection, {
    attemptMilliseconds: REQUEST_MILLISECONDS,
    retryMilliseconds: RETRY_MILLISECONDS,
  });
  await sender.commit(encodeMutations([{ kind: "write", table: RUNS_TABLE, columns, values }]));
}

/** What a database remembers of its runs. */
export interface RecordedRuns {
  /** When it was read, by Spanner's clock: RFC 3339. */
  readonly at: string;
  /** In the order of their ids, which is that of their beginnings. */
  readonly runs: readonly RunRow[];
}

/**
 * All runs that are recorded for a source table.
 * @throws MigrationError E_SPANNER_…, E_PROGRESS_UNREADABLE
 */
export async function readRuns(connection: SpannerConnection, sourceTable: string): Promise<RecordedRuns> {
  const snapshot = await takeSnapshot(connection);
  const keys: (readonly WireValue[])[] = [];
  for await (const page of snapshot.scanRows(RUNS_TABLE, ["RunId"])) keys.push(...page);
  const rows = await snapshot.readRows(RUNS_TABLE, RUN_COLUMNS, keys);
  const runs = rows.map(parseRunRow).filter((run) => run.sourceTable === sourceTable);
  return { at: snapshot.at, runs: runs.toSorted((left, right) => (left.runId < right.runId ? -1 : 1)) };
}

/**
 * The files of one run.
 * @throws MigrationError E_SPANNER_…, E_PROGRESS_UNREADABLE
 */
export async function readRunFiles(connection: SpannerConnection, runId: string): Promise<RunFiles> {
  const snapshot = await takeSnapshot(connection);
  const [row] = await snapshot.readRows(RUNS_TABLE, ["Files"], [[runId]]);
  return parseRunFiles(row?.[0] ?? null);
}
