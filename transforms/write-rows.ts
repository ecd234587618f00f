import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { blockMemory } from "../memory/buffer-pool";
import type { MigrationPlan, TablePlan } from "../schema/migration-plan";
import type { TableRows } from "../spanner/commit-batches";
import { writeTarget } from "../spanner/commit-request";
import { createCommitSender } from "../spanner/commit-sender";
import { type CommitWindow, createCommitWindow } from "../spanner/commit-window";
import { openSpanner, type SpannerTarget } from "../spanner/connection";
import { writeExclusiveRows } from "../spanner/exclusive-rows";
import { outageNotice } from "../spanner/outage-notice";
import { type CommitRows, writeRows } from "../spanner/row-writer";
import { writeUnversionedRows } from "../spanner/unversioned-rows";
import { lineBytes } from "./block-lines";
import type { ConvertedBlock } from "./convert-item";
import { type DeadLetter, deadLetter } from "./dead-letter";
import type { BlockOutcome } from "./finish-blocks";
import { openLedger } from "./ledger";
import { notice } from "./notice";
import { createRefusedBlocks } from "./refused-blocks";

export interface WriteRowsConfig {
  readonly runId: string;
  readonly target: SpannerTarget;
  readonly plan: MigrationPlan;
  /** For each table of the plan: what one row counts towards Spanner's limit on mutations of a commit. */
  readonly cellsPerRow: readonly number[];
  readonly commitsInFlight: number;
  /** Nothing else writes to the source: rows overwrite whatever is there, and no version is looked at. */
  readonly exclusive: boolean;
  /** Whether the rows of a commit are in the order of their keys. */
  readonly sortByKey: boolean;
}

/**
 * Commits the rows of blocks: a {@link ConvertedBlock} in, a {@link BlockOutcome} out once all of its rows are committed
 * or refused; a row that Spanner refuses has become a dead letter. Several blocks are under way at once, each in commits of its own; more are taken only when one of them is done. Unless the load
 * is exclusive, a row is written only if its item has no version: a streamed change is newer than the export.
 * Counts `written` and `stale` in the run's ledger, after the commit.
 *
 * Fails with MigrationError E_SPANNER_… for what neither a retry nor another row can mend.
 */
export class WriteRows implements AsyncDoFn<ConvertedBlock, BlockOutcome> {
  readonly beamName = "WriteRows";
  private window: CommitWindow | undefined;
  private writeBlock: ((converted: ConvertedBlock) => Promise<BlockOutcome>) | undefined;

  constructor(readonly config: WriteRowsConfig) {}

  async startBundle(): Promise<void> {
    const { target, plan, commitsInFlight, exclusive } = this.config;
    const connection = await openSpanner(target);
    const onRetry = outageNotice(connection.databaseName, notice);
    const commit = exclusive
      ? writeExclusiveRows(createCommitSender(connection, { onRetry }), plan)
      : writeUnversionedRows(connection, plan, { onRetry });
    this.window = createCommitWindow(commitsInFlight);
    this.writeBlock = compileBlockWriter(this.config, commit);
  }

  process(converted: ConvertedBlock, _context: unknown, emit: Emit<BlockOutcome>): Promise<void> | undefined {
    const { window, writeBlock } = this;
    if (window === undefined || writeBlock === undefined) throw new TypeError("WriteRows was not started");
    const room = window.submit(async () => {
      const wait = emit(await writeBlock(converted));
      if (wait !== null) await wait;
    });
    return room ?? undefined;
  }

  async finishBundle(): Promise<void> {
    await this.window?.drain();
  }

  async abandonBundle(): Promise<void> {
    // The bundle's own error is reported; here only the commits under way are waited for, so that what was written is
    // known when the run ends.
    await this.window?.drain().catch(() => undefined);
  }
}

function compileBlockWriter(
  { runId, plan, cellsPerRow, sortByKey }: WriteRowsConfig,
  commit: CommitRows,
): (converted: ConvertedBlock) => Promise<BlockOutcome> {
  const tables = plan.tables.map((table, index) => ({
    target: writeTarget(
      table.name,
      table.columns.map((column) => column.name),
    ),
    cellsPerRow: cellsPerRow[index] ?? table.columns.length,
    sortBy: sortByKey ? keyParts(table) : undefined,
  }));

  const refusedBlocks = createRefusedBlocks();

  return async function writeBlock({ block, tables: parts, letters, filtered }) {
    const ledger = openLedger(runId);
    const groups = parts.flatMap(({ table, rows }): TableRows[] => {
      const settings = tables[table];
      return settings === undefined ? [] : [{ ...settings, rows }];
    });
    const outcome = await writeRows(groups, {
      commit,
      onCommit: ({ written, stale }) => ledger.add(block.file, { written, stale }),
    });
    refusedBlocks.see(outcome);
    const refused = outcome.failures.map(({ group, line, code, message }): DeadLetter => {
      const table = groups[group]?.target.table;
      const reason = { code, message, ...(table === undefined ? {} : { table }) };
      return deadLetter(reason, { file: block.file, line }, lineBytes(block, line));
    });
    const { bytes, ...lines } = block;
    // This is the last step that sees them: the outcome holds what it needs as text, and commits had copies.
    blockMemory.giveBack(bytes);
    for (const { rows } of groups) blockMemory.giveBack(rows.bytes);
    const { written, stale } = outcome;
    return { ...lines, written, stale, filtered, letters: [...letters, ...refused] };
  };
}

function keyParts({ columns, keyLength, keyDescending }: TablePlan): TableRows["sortBy"] {
  return columns.slice(0, keyLength).map(({ type }, index) => ({ type, descending: keyDescending[index] ?? false }));
}

registerForWorkers("transforms/write-rows", { WriteRows });
