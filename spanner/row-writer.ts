import { batchRowCount, type CommitBatch, commitBatches, halveBatch, type TableRows } from "./commit-batches";
import { type CommitLimits, defaultCommitLimits, MAX_COMMIT_BYTES } from "./commit-limits";
import { CommitRefused } from "./commit-refused";
import { type RowSelection, selectionByteLength } from "./commit-request";
import type { CommitSender } from "./commit-sender";
import type { RowErrorCode } from "./error-class";

/** What became of rows that were committed. */
export interface CommitCounts {
  readonly written: number;
  /** Left as they are in the database, because it holds something newer. */
  readonly stale: number;
}

/**
 * Brings some rows into the database, all in one transaction, parents first. It may be called again with rows that it
 * has written already.
 *
 * @throws CommitRefused a row is at fault, and none was written
 * @throws MigrationError whatever ends the job
 */
export type CommitRows = (selections: readonly RowSelection[]) => Promise<CommitCounts>;

/** Sets the columns of each row, whatever the database holds. */
export function overwriteRows(sender: CommitSender): CommitRows {
  return async (selections) => {
    await sender.commit(selections.map((selection) => ({ ...selection, operation: "insertOrUpdate" as const })));
    return { written: selections.reduce((sum, { from, to }) => sum + to - from, 0), stale: 0 };
  };
}

/** A row that Spanner refuses whatever it is written with. */
export interface RowFailure {
  /** Which of the groups, and which of its rows. */
  readonly group: number;
  readonly row: number;
  /** Line of the source file; 0 where there is none. */
  readonly line: number;
  readonly code: RowErrorCode;
  /** Spanner's own words, which may quote values. */
  readonly message: string;
}

/** `written + stale + failures.length` is the number of rows that were given. */
export interface WriteOutcome extends CommitCounts {
  readonly failures: readonly RowFailure[];
}

export interface WriteOptions {
  readonly commit: CommitRows;
  readonly limits?: CommitLimits | undefined;
  /** Called after each commit: what was written so far is known even if a later commit throws. */
  readonly onCommit?: ((counts: CommitCounts) => void) | undefined;
}

/**
 * Writes the groups one after another, each in as few commits as the limits allow. Where Spanner refuses a commit
 * because of a row, the commit is halved until that row is alone; every other row is written.
 *
 * @param groups parents before the tables interleaved in them
 * @throws MigrationError as `commit`; rows of earlier commits are written
 */
export async function writeRows(groups: readonly TableRows[], options: WriteOptions): Promise<WriteOutcome> {
  const { commit, limits = defaultCommitLimits, onCommit } = options;
  const failures: RowFailure[] = [];
  let written = 0;
  let stale = 0;

  const write = async (batch: CommitBatch): Promise<void> => {
    const refusal = tooLarge(batch) ?? (await attempt(batch));
    if (refusal === undefined) return;
    if (batchRowCount(batch) === 1) {
      failures.push(rowFailure(batch, refusal));
      return;
    }
    // One after the other: a row of the second half may need its parent of the first.
    const [first, second] = halveBatch(batch);
    await write(first);
    await write(second);
  };

  const attempt = async (batch: CommitBatch): Promise<CommitRefused | undefined> => {
    try {
      const counts = await commit(batch);
      written += counts.written;
      stale += counts.stale;
      onCommit?.(counts);
      return undefined;
    } catch (error) {
      if (error instanceof CommitRefused) return error;
      throw error;
    }
  };

  for (const batch of commitBatches(groups, limits)) await write(batch);
  return { written, stale, failures };
}

/** Room for the session, the tables' names and their columns. */
const requestOverheadBytes = 1024 * 1024;

/** Spanner (and worse, the emulator) need not answer a commit over this limit. */
function tooLarge(batch: CommitBatch): CommitRefused | undefined {
  const bytes = batch.reduce((sum, range) => sum + selectionByteLength(range), 0);
  if (bytes <= MAX_COMMIT_BYTES - requestOverheadBytes) return undefined;
  return new CommitRefused("E_SPANNER_ROW_REFUSED", `A commit of ${bytes} bytes is over Spanner's limit of 100 MiB`);
}

function rowFailure([range]: CommitBatch, { code, message }: CommitRefused): RowFailure {
  if (range === undefined) throw new RangeError("a batch without rows was refused");
  const row = range.order?.[range.from] ?? range.from;
  return { group: range.group, row, line: range.rows.lines[row] ?? 0, code, message };
}
