import type { ColumnType } from "./column-type";
import type { TablePlan } from "./migration-plan";

/**
 * The columns that a version table has beside the key columns of its target table. One row for each item that a change
 * was applied to; bulk rows leave none.
 */
export const VERSION_COLUMNS = {
  /** STRING(40): DynamoDB's sequence number of the change, padded with zeros so that text order is its order. */
  sequenceNumber: "SequenceNumber",
  /** TIMESTAMP or NULL: when DynamoDB made the change, as the record says. Information, never the order. */
  changedAt: "ChangedAt",
  /** BOOL: the newest change was a delete; the row is a tombstone that keeps older changes and bulk rows out. */
  deleted: "Deleted",
  /** TIMESTAMP: commit timestamp of the transaction that applied the change. */
  appliedAt: "AppliedAt",
  /**
   * TIMESTAMP: the commit timestamp too if the change was a delete, NULL otherwise. Only the row deletion policy reads
   * it: a policy on AppliedAt would also remove versions of living rows, and a bulk row could then overwrite them. A
   * generated column can't do: none may refer to a commit timestamp
   * (https://cloud.google.com/spanner/docs/ttl/working-with-ttl).
   */
  deletedAt: "DeletedAt",
} as const;

/** Days that a tombstone is kept by default; longer than any Pub/Sub subscription keeps messages by default (7). */
export const DEFAULT_TOMBSTONE_DAYS = 30;

/** Name of a table's version table unless the mapping gives one. */
export function defaultVersionTable(table: string): string {
  return `${table}_Versions`;
}

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly commitTimestamp: boolean;
}

/** All columns of a table's version table: the target's key columns first. */
export function versionTableColumns(table: TablePlan): readonly TableColumn[] {
  const column = (name: string, type: ColumnType, notNull: boolean, commitTimestamp = false): TableColumn => ({
    name,
    type,
    notNull,
    commitTimestamp,
  });
  return [
    ...table.columns.slice(0, table.keyLength).map(({ name, type }) => column(name, type, true)),
    column(VERSION_COLUMNS.sequenceNumber, { kind: "STRING", length: 40 }, true),
    column(VERSION_COLUMNS.changedAt, { kind: "TIMESTAMP" }, false),
    column(VERSION_COLUMNS.deleted, { kind: "BOOL" }, true),
    column(VERSION_COLUMNS.appliedAt, { kind: "TIMESTAMP" }, true, true),
    column(VERSION_COLUMNS.deletedAt, { kind: "TIMESTAMP" }, false, true),
  ];
}
