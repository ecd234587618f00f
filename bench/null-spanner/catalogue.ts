import { type ColumnType, formatColumnType } from "../../schema/column-type";
import type { MigrationPlan, TablePlan } from "../../schema/migration-plan";
import { progressTables } from "../../schema/progress-table";
import { type TableColumn, versionTableColumns } from "../../schema/version-table";

/** A row of `information_schema`; NULL where a column is left out. */
export type CatalogueRow = Readonly<Record<string, string>>;

type Keyed = Pick<TablePlan, "keyLength" | "keyDescending"> & {
  readonly columns: readonly { readonly name: string }[];
};

/** A query as `readLiveSchema` asks it: no other has an answer here. */
const CATALOGUE_QUERY = /^SELECT (.+) FROM information_schema\.(\w+)/;

export interface CatalogueAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly CatalogueRow[];
}

/**
 * Answers queries about the catalogue as a database would that has a plan's tables and version tables and those for the progress of
 * loads, and no index.
 */
export function compileCatalogue(plan: MigrationPlan): (sql: string) => CatalogueAnswer | undefined {
  const views: Readonly<Record<string, readonly CatalogueRow[]>> = {
    tables: [
      ...plan.tables.flatMap(({ name, versionTable }) => [tableRow(name), tableRow(versionTable)]),
      ...progressTables.map(({ name, parent }) => tableRow(name, parent)),
    ],
    columns: [
      ...plan.tables.flatMap((table) => [
        ...columnRows(table.name, table.columns),
        ...columnRows(table.versionTable, versionTableColumns(table)),
      ]),
      ...progressTables.flatMap(({ name, columns }) => columnRows(name, columns)),
    ],
    index_columns: [
      ...plan.tables.flatMap((table) => [...keyRows(table, table.name), ...keyRows(table, table.versionTable)]),
      ...progressTables.flatMap((table) => keyRows(table, table.name)),
    ],
    column_options: [
      ...plan.tables.flatMap((table) => optionRows(table.versionTable, versionTableColumns(table))),
      ...progressTables.flatMap(({ name, columns }) => optionRows(name, columns)),
    ],
  };
  return (sql) => {
    const [, columns, view] = CATALOGUE_QUERY.exec(sql) ?? [];
    if (columns === undefined || view === undefined) return undefined;
    return { columns: columns.split(", "), rows: views[view] ?? [] };
  };
}

function columnRows(
  table: string,
  columns: readonly { readonly name: string; readonly type: ColumnType; readonly notNull: boolean }[],
): readonly CatalogueRow[] {
  return columns.map(({ name, type, notNull }, index) => ({
    table_name: table,
    column_name: name,
    ordinal_position: String(index + 1),
    is_nullable: notNull ? "NO" : "YES",
    spanner_type: formatColumnType(type),
    is_generated: "NEVER",
    is_identity: "NO",
  }));
}

function tableRow(name: string, parent?: string): CatalogueRow {
  const row = { table_name: name, table_type: "BASE TABLE" };
  return parent === undefined ? row : { ...row, parent_table_name: parent, on_delete_action: "CASCADE" };
}

function optionRows(table: string, columns: readonly TableColumn[]): readonly CatalogueRow[] {
  return columns
    .filter(({ commitTimestamp }) => commitTimestamp)
    .map(({ name }) => ({
      table_name: table,
      column_name: name,
      option_name: "allow_commit_timestamp",
      option_value: "TRUE",
    }));
}

function keyRows({ columns, keyLength, keyDescending }: Keyed, table: string): readonly CatalogueRow[] {
  return columns.slice(0, keyLength).map(({ name }, index) => ({
    table_name: table,
    index_name: "PRIMARY_KEY",
    column_name: name,
    ordinal_position: String(index + 1),
    column_ordering: keyDescending[index] === true ? "DESC" : "ASC",
  }));
}
