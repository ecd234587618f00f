import { type ColumnType, formatColumnType } from "../../schema/column-type";
import type { MigrationPlan, TablePlan } from "../../schema/migration-plan";
import { versionTableColumns } from "../../schema/version-table";

/** A row of `information_schema`; NULL where a column is left out. */
export type CatalogueRow = Readonly<Record<string, string>>;

/** A query as `readLiveSchema` asks it: no other has an answer here. */
const CATALOGUE_QUERY = /^SELECT (.+) FROM information_schema\.(\w+)/;

export interface CatalogueAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly CatalogueRow[];
}

/** Answers queries about the catalogue as a database would that has a plan's tables and version tables, and no index. */
export function compileCatalogue(plan: MigrationPlan): (sql: string) => CatalogueAnswer | undefined {
  const views: Readonly<Record<string, readonly CatalogueRow[]>> = {
    tables: plan.tables.flatMap(({ name, versionTable }) =>
      [name, versionTable].map((table) => ({ table_name: table, table_type: "BASE TABLE" })),
    ),
    columns: plan.tables.flatMap((table) => [
      ...columnRows(table.name, table.columns),
      ...columnRows(table.versionTable, versionTableColumns(table)),
    ]),
    index_columns: plan.tables.flatMap((table) => [
      ...keyRows(table, table.name),
      ...keyRows(table, table.versionTable),
    ]),
    column_options: plan.tables.flatMap((table) =>
      versionTableColumns(table)
        .filter(({ commitTimestamp }) => commitTimestamp)
        .map(({ name }) => ({
          table_name: table.versionTable,
          column_name: name,
          option_name: "allow_commit_timestamp",
          option_value: "TRUE",
        })),
    ),
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

function keyRows({ columns, keyLength, keyDescending }: TablePlan, table: string): readonly CatalogueRow[] {
  return columns.slice(0, keyLength).map(({ name }, index) => ({
    table_name: table,
    index_name: "PRIMARY_KEY",
    column_name: name,
    ordinal_position: String(index + 1),
    column_ordering: keyDescending[index] === true ? "DESC" : "ASC",
  }));
}
