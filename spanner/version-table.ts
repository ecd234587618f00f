import { MigrationError } from "../errors/migration-error";
import type { TablePlan } from "../schema/migration-plan";
import type { RowKey } from "../schema/row-change";
import { SEQUENCE_NUMBER_DIGITS } from "../schema/sequence-number";
import {
  APPLIED_AT_COLUMN,
  CHANGED_AT_COLUMN,
  DELETED_COLUMN,
  SEQUENCE_NUMBER_COLUMN,
  TOMBSTONE_AT_COLUMN,
  WRITE_TIMESTAMP_COLUMN,
} from "../schema/version-columns";
import type { WireValue } from "../schema/wire-value";
import { keyColumns } from "./table-tree";
import type { StoredVersion, StoreMutation } from "./versioned-store";

/** Spanner writes the time of the commit where a mutation holds this (column option allow_commit_timestamp). */
export const COMMIT_TIMESTAMP = "spanner.commit_timestamp()";

/** Those that are NOT NULL: Spanner wants them in each write. */
const REQUIRED_COLUMNS = [SEQUENCE_NUMBER_COLUMN, DELETED_COLUMN] as const;
const STORED_COLUMNS = [...REQUIRED_COLUMNS, CHANGED_AT_COLUMN, WRITE_TIMESTAMP_COLUMN] as const;

/** Columns to read from a table's version table: the key's, then those of a `StoredVersion`. */
export function versionColumns(table: TablePlan): readonly string[] {
  return [...keyColumns(table), ...STORED_COLUMNS];
}

/** Takes apart a row that was read with `versionColumns`. */
export function parseVersionRow(
  table: TablePlan,
  values: readonly WireValue[],
): { readonly key: RowKey; readonly version: StoredVersion } {
  const key = values.slice(0, table.keyLength);
  const [sequenceNumber, deleted, changedAt, writeTimestampMicros] = values.slice(table.keyLength);
  if (
    typeof sequenceNumber !== "string" ||
    sequenceNumber.length !== SEQUENCE_NUMBER_DIGITS ||
    typeof deleted !== "boolean" ||
    !isTextOrNull(changedAt) ||
    !isTextOrNull(writeTimestampMicros)
  ) {
    throw new MigrationError(
      "E_VERSION_UNREADABLE",
      `table ${table.versionTable} holds a row that no version of this program has written`,
    );
  }
  return { key, version: { sequenceNumber, changedAt, writeTimestampMicros, deleted } };
}

function isTextOrNull(value: WireValue | undefined): value is string | null {
  return value === null || typeof value === "string";
}

/**
 * Sets the version of an item.
 *
 * A tombstone may be forgotten some time after the last redelivery of an older change; but not while a row stands in for
 * the deleted item (a parent whose children remain), for the tombstone is what tells such a row from a real one. So only
 * a `forgettable` tombstone gets the time that the table's row deletion policy counts from.
 */
export function writeVersion(
  table: TablePlan,
  key: RowKey,
  version: StoredVersion,
  forgettable: boolean,
): StoreMutation {
  return {
    kind: "write",
    table: table.versionTable,
    columns: [...keyColumns(table), ...STORED_COLUMNS, APPLIED_AT_COLUMN, TOMBSTONE_AT_COLUMN],
    values: [
      ...key,
      version.sequenceNumber,
      version.deleted,
      version.changedAt,
      version.writeTimestampMicros,
      COMMIT_TIMESTAMP,
      version.deleted && forgettable ? COMMIT_TIMESTAMP : null,
    ],
  };
}

/**
 * Starts or stops the time after which a tombstone may be forgotten; the version stays as it is.
 */
export function markForgettable(
  table: TablePlan,
  key: RowKey,
  version: StoredVersion,
  forgettable: boolean,
): StoreMutation {
  return {
    kind: "write",
    table: table.versionTable,
    columns: [...keyColumns(table), ...REQUIRED_COLUMNS, APPLIED_AT_COLUMN, TOMBSTONE_AT_COLUMN],
    values: [...key, version.sequenceNumber, version.deleted, COMMIT_TIMESTAMP, forgettable ? COMMIT_TIMESTAMP : null],
  };
}

export function deleteVersion(table: TablePlan, key: RowKey): StoreMutation {
  return { kind: "delete", table: table.versionTable, key };
}
