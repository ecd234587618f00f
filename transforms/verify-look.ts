import type { Dialect } from "../schema/column-type";
import { type ColumnDifference, compileRowComparison } from "../schema/compare-values";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowKey, RowReference } from "../schema/row-change";
import { compileRowIdentity } from "../schema/row-identity";
import type { WireValue } from "../schema/wire-value";
import { columnNames, type Snapshot } from "../spanner/row-reader";
import { parseVersionRow, versionColumns } from "../spanner/version-table";
import type { StoredVersion } from "../spanner/versioned-store";
import type { VerifySource } from "./verify-ledger";

/** Rows that are read with one request. */
const ROWS_PER_READ = 500;

/** What a snapshot holds of one row. */
export interface FoundRow {
  readonly row: readonly WireValue[] | undefined;
  readonly version: StoredVersion | undefined;
}

/** Rows and versions of one snapshot. */
export type Look = (row: RowReference) => FoundRow;

/** How a row stands to its item. */
export type Verdict =
  | { readonly kind: "equal" }
  /** The row holds, or has lost, what a change newer than the export has brought. */
  | { readonly kind: "behind" }
  | { readonly kind: "missing" }
  | { readonly kind: "different"; readonly columns: readonly ColumnDifference[] };

export interface RowJudge {
  /** Reads these rows and their versions at the snapshot's moment. */
  look(snapshot: Snapshot, rows: readonly RowReference[]): Promise<Look>;
  /** @param values those that the item asks for; null if it can't be converted */
  judge(table: number, values: readonly WireValue[] | null, found: FoundRow): Verdict;
  identity(row: RowReference): string;
}

/**
 * Compiles the one way in which rows are held against items.
 *
 * An export shows the items of one moment. A row whose item has a version was written by a change that is newer than that
 * (design: the subscription is older than the export), so that it is not held against the export, unless it is equal.
 */
export function compileRowJudge(plan: MigrationPlan, dialect: Dialect, source: VerifySource): RowJudge {
  const identityOf = compileRowIdentity(plan);
  const identity = ({ table, key }: RowReference) => identityOf(table, key);
  const comparisons = plan.tables.map((table) => compileRowComparison(table, dialect));

  return {
    identity,
    async look(snapshot, rows) {
      const found = new Map<string, readonly WireValue[]>();
      const versions = new Map<string, StoredVersion>();
      for (const [table, keys] of keysByTable(rows)) {
        const tablePlan = plan.tables[table];
        if (tablePlan === undefined) continue;
        for (let start = 0; start < keys.length; start += ROWS_PER_READ) {
          const part = keys.slice(start, start + ROWS_PER_READ);
          const [values, versionRows] = await Promise.all([
            snapshot.readRows(tablePlan.name, columnNames(tablePlan), part),
            snapshot.readRows(tablePlan.versionTable, versionColumns(tablePlan), part),
          ]);
          for (const row of values) found.set(identityOf(table, row.slice(0, tablePlan.keyLength)), row);
          for (const row of versionRows) {
            const { key, version } = parseVersionRow(tablePlan, row);
            versions.set(identityOf(table, key), version);
          }
        }
      }
      return (row) => {
        const id = identity(row);
        return { row: found.get(id), version: versions.get(id) };
      };
    },
    judge(table, values, { row, version }) {
      const compare = comparisons[table];
      if (compare === undefined) return { kind: "missing" };
      const columns = values === null || row === undefined ? [] : compare(values, row);
      if (row !== undefined && values !== null && columns.length === 0) return { kind: "equal" };
      if (source === "export" && version !== undefined && (row !== undefined || version.deleted)) {
        return { kind: "behind" };
      }
      return row === undefined ? { kind: "missing" } : { kind: "different", columns };
    },
  };
}

function keysByTable(rows: readonly RowReference[]): ReadonlyMap<number, RowKey[]> {
  const groups = new Map<number, RowKey[]>();
  for (const { table, key } of rows) {
    const group = groups.get(table);
    if (group === undefined) groups.set(table, [key]);
    else group.push(key);
  }
  return groups;
}
