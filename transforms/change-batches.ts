import type { MigrationPlan } from "../schema/migration-plan";
import type { RowReference } from "../schema/row-change";

/** How much one transaction may hold. */
export interface ChangeLimits {
  /** A change costs a read of its version and two mutations; more than this gains little and loses more to conflicts. */
  readonly changes: number;
  /** Spanner counts a mutation for each column and index entry, 80,000 at most (https://cloud.google.com/spanner/quotas). */
  readonly cells: number;
  /** Of the messages or lines; a row is no larger than its message. Spanner's limit is 100 MB a commit. */
  readonly bytes: number;
}

export const defaultChangeLimits: ChangeLimits = { changes: 500, cells: 40_000, bytes: 8 * 1024 * 1024 };

/** Columns of a version row beside the key's. */
const VERSION_CELLS = 6;

/**
 * Cuts changes into batches for one transaction each, in their order; a change that is over a limit alone is a batch.
 * @param bytesOf length of the text that a change comes from
 */
export function* changeBatches<Change extends RowReference>(
  plan: MigrationPlan,
  changes: readonly Change[],
  limits: ChangeLimits,
  bytesOf: (change: Change) => number,
): Generator<readonly Change[]> {
  const cellsOf = plan.tables.map(
    // A changed row of an index counts for the entry that goes and for the one that comes.
    (table) => table.columns.length + 2 * table.indexes.length + table.keyLength + VERSION_CELLS,
  );
  let batch: Change[] = [];
  let left = { ...limits };
  for (const change of changes) {
    const cells = cellsOf[change.table] ?? 0;
    const bytes = bytesOf(change);
    if (batch.length > 0 && (left.changes < 1 || left.cells < cells || left.bytes < bytes)) {
      yield batch;
      batch = [];
      left = { ...limits };
    }
    batch.push(change);
    left = { changes: left.changes - 1, cells: left.cells - cells, bytes: left.bytes - bytes };
  }
  if (batch.length > 0) yield batch;
}
