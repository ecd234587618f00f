import { formatColumnType } from "./column-type";
import type { DdlDialect } from "./ddl";
import { type OrderedColumn, quoteIdentifier } from "./identifier";
import { TOMBSTONE_AT_COLUMN } from "./version-columns";
import { type TableColumn, versionTableColumns, writeTimestampColumn } from "./version-table";

const quote = (name: string): string => quoteIdentifier(name, "googlesql");

/** https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language */
export const googlesqlDdl: DdlDialect = {
  createTable(table) {
    const columns = table.columns.map((column) => columnLine({ ...column, commitTimestamp: false }));
    const interleave =
      table.parent === undefined ? "" : `,\n  INTERLEAVE IN PARENT ${quote(table.parent)} ON DELETE ${table.onDelete}`;
    return `CREATE TABLE ${quote(table.name)} (\n${columns.join("\n")}\n) PRIMARY KEY (${primaryKey(table)})${interleave}`;
  },

  createVersionTable(table, tombstoneDays) {
    const columns = versionTableColumns(table).map(columnLine);
    return `CREATE TABLE ${quote(table.versionTable)} (\n${columns.join("\n")}\n) PRIMARY KEY (${primaryKey(table)}),\n  ${policy(tombstoneDays)}`;
  },

  addWriteTimestamp(table) {
    const { name, type } = writeTimestampColumn;
    return `ALTER TABLE ${quote(table.versionTable)} ADD COLUMN ${quote(name)} ${formatColumnType(type)}`;
  },

  setTombstoneDays(table, tombstoneDays, had) {
    return `ALTER TABLE ${quote(table.versionTable)} ${had ? "REPLACE" : "ADD"} ${policy(tombstoneDays)}`;
  },

  createIndex(table, index) {
    const kind = `${index.unique ? "UNIQUE " : ""}${index.nullFiltered ? "NULL_FILTERED " : ""}INDEX`;
    const storing = index.storing.length === 0 ? "" : ` STORING (${index.storing.map(quote).join(", ")})`;
    const interleave = index.interleaveIn === undefined ? "" : `, INTERLEAVE IN ${quote(index.interleaveIn)}`;
    return `CREATE ${kind} ${quote(index.name)} ON ${quote(table.name)} (${orderedColumns(index.columns)})${storing}${interleave}`;
  },

  createProgressTable(table) {
    const columns = table.columns.map(columnLine);
    const interleave =
      table.parent === undefined ? "" : `,\n  INTERLEAVE IN PARENT ${quote(table.parent)} ON DELETE CASCADE`;
    return `CREATE TABLE ${quote(table.name)} (\n${columns.join("\n")}\n) PRIMARY KEY (${primaryKey(table)})${interleave}`;
  },
};

interface Keyed {
  readonly columns: readonly { readonly name: string }[];
  readonly keyLength: number;
  readonly keyDescending: readonly boolean[];
}

function columnLine({ name, type, notNull, commitTimestamp }: TableColumn): string {
  const options = commitTimestamp ? " OPTIONS (allow_commit_timestamp = true)" : "";
  return `  ${quote(name)} ${formatColumnType(type)}${notNull ? " NOT NULL" : ""}${options},`;
}

function primaryKey(table: Keyed): string {
  const key = table.columns.slice(0, table.keyLength);
  return orderedColumns(key.map(({ name }, index) => ({ name, descending: table.keyDescending[index] === true })));
}

function orderedColumns(columns: readonly OrderedColumn[]): string {
  return columns.map(({ name, descending }) => `${quote(name)}${descending ? " DESC" : ""}`).join(", ");
}

function policy(tombstoneDays: number): string {
  return `ROW DELETION POLICY (OLDER_THAN(${quote(TOMBSTONE_AT_COLUMN)}, INTERVAL ${tombstoneDays} DAY))`;
}
