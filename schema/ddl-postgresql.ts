import { formatPostgresqlType } from "./column-type";
import type { DdlDialect } from "./ddl";
import { quoteIdentifier } from "./identifier";
import { TOMBSTONE_AT_COLUMN } from "./version-columns";
import { type TableColumn, versionTableColumns, writeTimestampColumn } from "./version-table";

/** Always quoted: unquoted names fold to lower case. */
const quote = (name: string): string => quoteIdentifier(name, "postgresql");

/** https://cloud.google.com/spanner/docs/reference/postgresql/data-definition-language */
export const postgresqlDdl: DdlDialect = {
  createTable(table) {
    const columns = table.columns.map((column) => columnLine({ ...column, commitTimestamp: false }));
    const interleave =
      table.parent === undefined ? "" : ` INTERLEAVE IN PARENT ${quote(table.parent)} ON DELETE ${table.onDelete}`;
    return `CREATE TABLE ${quote(table.name)} (\n${columns.join("\n")}\n  ${primaryKey(table)}\n)${interleave}`;
  },

  createVersionTable(table, tombstoneDays) {
    const columns = versionTableColumns(table).map(columnLine);
    return `CREATE TABLE ${quote(table.versionTable)} (\n${columns.join("\n")}\n  ${primaryKey(table)}\n) ${policy(tombstoneDays)}`;
  },

  addWriteTimestamp(table) {
    const { name, type } = writeTimestampColumn;
    return `ALTER TABLE ${quote(table.versionTable)} ADD COLUMN ${quote(name)} ${formatPostgresqlType(type)}`;
  },

  setTombstoneDays(table, tombstoneDays, had) {
    return `ALTER TABLE ${quote(table.versionTable)} ${had ? "ALTER" : "ADD"} ${policy(tombstoneDays)}`;
  },

  createIndex(table, index) {
    const columns = index.columns.map(({ name, descending }) => `${quote(name)}${descending ? " DESC" : ""}`);
    const include = index.storing.length === 0 ? "" : ` INCLUDE (${index.storing.map(quote).join(", ")})`;
    const interleave = index.interleaveIn === undefined ? "" : ` INTERLEAVE IN ${quote(index.interleaveIn)}`;
    const filter = index.nullFiltered
      ? ` WHERE ${index.columns.map(({ name }) => `${quote(name)} IS NOT NULL`).join(" AND ")}`
      : "";
    return `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${quote(index.name)} ON ${quote(table.name)} (${columns.join(", ")})${include}${interleave}${filter}`;
  },

  createProgressTable(table) {
    const columns = table.columns.map(columnLine);
    const interleave =
      table.parent === undefined ? "" : ` INTERLEAVE IN PARENT ${quote(table.parent)} ON DELETE CASCADE`;
    return `CREATE TABLE ${quote(table.name)} (\n${columns.join("\n")}\n  ${primaryKey(table)}\n)${interleave}`;
  },
};

interface Keyed {
  readonly columns: readonly { readonly name: string }[];
  readonly keyLength: number;
}

function columnLine({ name, type, notNull, commitTimestamp }: TableColumn): string {
  const typeName = commitTimestamp ? "SPANNER.COMMIT_TIMESTAMP" : formatPostgresqlType(type);
  return `  ${quote(name)} ${typeName}${notNull ? " NOT NULL" : ""},`;
}

function primaryKey(table: Keyed): string {
  return `PRIMARY KEY (${table.columns
    .slice(0, table.keyLength)
    .map(({ name }) => quote(name))
    .join(", ")})`;
}

function policy(tombstoneDays: number): string {
  return `TTL INTERVAL '${tombstoneDays} days' ON ${quote(TOMBSTONE_AT_COLUMN)}`;
}
