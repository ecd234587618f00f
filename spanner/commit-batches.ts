import type { CommitLimits } from "./commit-limits";
import type { WriteTarget } from "./commit-request";
import { type EncodedRows, rowByteLength } from "./encoded-rows";
import { type KeyPart, sortByKey } from "./key-order";

/** Rows of one table to be written. */
export interface TableRows {
  readonly target: WriteTarget;
  readonly rows: EncodedRows;
  /** What Spanner counts for a row towards its limit: columns, and an entry in each index. */
  readonly cellsPerRow: number;
  /** Present: the rows are written in the order of this primary key. */
  readonly sortBy?: readonly KeyPart[] | undefined;
}

/** Rows of one group: `order[from]` up to and without `order[to]`, or the rows themselves where there is no order. */
export interface GroupRange {
  /** Index of the group, by which the writer's caller knows it. */
  readonly group: number;
  readonly target: WriteTarget;
  readonly rows: EncodedRows;
  readonly order: Uint32Array | undefined;
  readonly from: number;
  readonly to: number;
}

/** What goes into one commit, in the order of the groups: parents first. */
export type CommitBatch = readonly GroupRange[];

/**
 * Cuts groups into commits: as few as the limits allow, the groups one after another, so that the rows of a group never
 * come before those of the groups ahead of it.
 */
export function* commitBatches(groups: readonly TableRows[], limits: CommitLimits): Generator<CommitBatch> {
  let batch: GroupRange[] = [];
  let left = { ...limits };
  for (const [group, { target, rows, cellsPerRow, sortBy }] of groups.entries()) {
    const order = sortBy === undefined || rows.count < 2 ? undefined : sortByKey(rows, sortBy);
    let from = 0;
    for (let index = 0; index < rows.count; index++) {
      const bytes = rowByteLength(rows, order?.[index] ?? index);
      const fits = left.rows >= 1 && left.cells >= cellsPerRow && left.bytes >= bytes;
      if (!fits && (index > from || batch.length > 0)) {
        if (index > from) batch.push({ group, target, rows, order, from, to: index });
        yield batch;
        batch = [];
        left = { ...limits };
        from = index;
      }
      left.rows -= 1;
      left.cells -= cellsPerRow;
      left.bytes -= bytes;
    }
    if (rows.count > from) batch.push({ group, target, rows, order, from, to: rows.count });
  }
  if (batch.length > 0) yield batch;
}

export function batchRowCount(batch: CommitBatch): number {
  return batch.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Two batches, the rows of the first before those of the second, as near to half of the rows each as can be. */
export function halveBatch(batch: CommitBatch): readonly [CommitBatch, CommitBatch] {
  const first: GroupRange[] = [];
  const second: GroupRange[] = [];
  let missing = batchRowCount(batch) >>> 1;
  for (const range of batch) {
    const middle = Math.min(range.from + missing, range.to);
    missing -= middle - range.from;
    if (middle > range.from) first.push({ ...range, to: middle });
    if (middle < range.to) second.push({ ...range, from: middle });
  }
  return [first, second];
}
