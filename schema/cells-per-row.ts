import type { LiveTable } from "./live-schema";
import type { TablePlan } from "./migration-plan";

/** Cells in one commit, index entries counted. Source: https://cloud.google.com/spanner/quotas ("Mutations per commit"). */
export const MAX_CELLS_PER_COMMIT = 80_000;

/**
 * The most cells ("mutations" in Spanner's quota) that writing one row of a table counts for.
 *
 * Counted are the columns written; where the table has generated columns or defaults, those and the key's columns once
 * more (quota page, note 10); and for each secondary index all columns of the new entry and one for the old entry that
 * it replaces. Spanner may count less, never more.
 */
export function cellsPerRow(live: LiveTable, table: TablePlan): number {
  const computed = live.columns.filter((column) => column.isGenerated || column.hasDefault).length;
  const forComputed = computed === 0 ? 0 : computed + live.primaryKey.length;
  const forIndexes = live.indexes.map((index) => {
    const columns = [...index.columns, ...live.primaryKey].map(({ name }) => name);
    return new Set([...columns, ...index.storing]).size + 1;
  });
  return table.columns.length + forComputed + forIndexes.reduce((sum, count) => sum + count, 0);
}
