import type { ColumnType } from "./column-type";
import type { TablePlan } from "./migration-plan";
import {
  APPLIED_AT_COLUMN,
  CHANGED_AT_COLUMN,
  DELETED_COLUMN,
  SEQUENCE_NUMBER_COLUMN,
  TOMBSTONE_AT_COLUMN,
  WRITE_TIMESTAMP_COLUMN,
} from "./version-columns";

/** Days that a tombstone is kept by default; longer than any Pub/Sub subscription keeps messages by default (7). */
export const DEFAULT_TOMBSTONE_DAYS = 30;

/** Name of a table's version table unless the mapping gives one. */
export function defaultVersionTable(table: string): string {
  return `${table}_Versions`;
}

/** Names that a target's key columns must leave to the version table. */
export const VERSION_COLUMN_NAMES: readonly string[] = [
  SEQUENCE_NUMBER_COLUMN,
  CHANGED_AT_COLUMN,
  WRITE_TIMESTAMP_COLUMN,
  DELETED_COLUMN,
  APPLIED_AT_COLUMN,
  TOMBSTONE_AT_COLUMN,
];

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly commitTimestamp: boolean;
}

/** Version tables from before incremental exports were read lack it: `schema apply` adds it. */
export const writeTimestampColumn: TableColumn = {
  name: WRITE_TIMESTAMP_COLUMN,
  type: { kind: "INT64" },
  notNull: false,
  commitTimestamp: false,
};

/**
 * All columns of a table's version table: the target's key columns first.
 *
 * The row deletion policy reads TombstoneAt, which is NULL for rows that live: a policy on AppliedAt would also remove
 * their versions, and a bulk row or an old change could then overwrite them. A generated column can't do, since none may
 * refer to a commit timestamp (https://cloud.google.com/spanner/docs/ttl/working-with-ttl).
 */
export function versionTableColumns(table: TablePlan): readonly TableColumn[] {
  const column = (name: string, type: ColumnType, notNull: boolean, commitTimestamp = false): TableColumn => ({
    name,
    type,
    notNull,
    commitTimestamp,
  });
  return [
    ...table.columns.slice(0, table.keyLength).map(({ name, type }) => column(name, type, true)),
    column(SEQUENCE_NUMBER_COLUMN, { kind: "STRING", length: 40 }, true),
    column(CHANGED_AT_COLUMN, { kind: "TIMESTAMP" }, false),
    writeTimestampColumn,
    column(DELETED_COLUMN, { kind: "BOOL" }, true),
    column(APPLIED_AT_COLUMN, { kind: "TIMESTAMP" }, true, true),
    column(TOMBSTONE_AT_COLUMN, { kind: "TIMESTAMP" }, false, true),
  ];
}
