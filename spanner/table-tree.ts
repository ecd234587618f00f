import type { MigrationPlan, TablePlan } from "../schema/migration-plan";
import type { RowKey, RowReference } from "../schema/row-change";
import { compileRowIdentity } from "../schema/row-identity";

/** A plan's tables with the ways up and down their interleaving, resolved once. */
export interface TableTree {
  readonly tables: readonly TablePlan[];
  /** Index of the parent table; undefined for a table without one. */
  readonly parents: readonly (number | undefined)[];
  /** Indexes of the tables that are interleaved directly in a table. */
  readonly children: readonly (readonly number[])[];
  readonly idOf: (row: RowReference) => string;
}

export function compileTableTree(plan: MigrationPlan): TableTree {
  const indexes = new Map(plan.tables.map((table, index) => [table.name, index]));
  const parents = plan.tables.map((table) => (table.parent === undefined ? undefined : indexes.get(table.parent)));
  const children = plan.tables.map((_table, index) =>
    plan.tables.flatMap((_, other) => (parents[other] === index ? [other] : [])),
  );
  const identity = compileRowIdentity(plan);
  return { tables: plan.tables, parents, children, idOf: (row) => identity(row.table, row.key) };
}

export function tableAt(tree: TableTree, index: number): TablePlan {
  const table = tree.tables[index];
  if (table === undefined) throw new RangeError(`the plan has no table number ${index}`);
  return table;
}

/** The row that a row is interleaved in: its key is the beginning of the child's. */
export function parentRow(tree: TableTree, row: RowReference): RowReference | undefined {
  const table = tree.parents[row.table];
  if (table === undefined) return undefined;
  return { table, key: row.key.slice(0, tableAt(tree, table).keyLength) };
}

/** All rows that a row lies under, the nearest first. */
export function ancestorRows(tree: TableTree, row: RowReference): readonly RowReference[] {
  const parent = parentRow(tree, row);
  return parent === undefined ? [] : [parent, ...ancestorRows(tree, parent)];
}

/** Names of the table's primary-key columns. */
export function keyColumns(table: TablePlan): readonly string[] {
  return table.columns.slice(0, table.keyLength).map((column) => column.name);
}

/** A row of a table in which only the key is set: every other mapped column is NULL. */
export function keyOnlyRow(table: TablePlan, key: RowKey): RowKey {
  return table.columns.map((_column, index) => (index < table.keyLength ? (key[index] ?? null) : null));
}
