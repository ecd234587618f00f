import type { MigrationPlan } from "../schema/migration-plan";
import type { RowReference } from "../schema/row-change";
import { isStandInVersion } from "../schema/version-order";
import type { WireValue } from "../schema/wire-value";
import { columnNames } from "./row-reader";
import { compileTableTree, keyColumns, type TableTree, tableAt } from "./table-tree";
import { deleteVersion, parseVersionRow, versionColumns, writeVersion } from "./version-table";
import type { StoredVersion, StoreMutation, StoreReader, VersionedStore } from "./versioned-store";

/** What one row shall become, provided that nothing has changed since it was looked at. */
export interface RowRepair extends RowReference {
  /** Values of all columns; null: the row shall go. */
  readonly values: readonly WireValue[] | null;
  readonly seen: { readonly row: readonly WireValue[] | undefined; readonly version: StoredVersion | undefined };
}

/**
 * - `written`: the row is as asked for;
 * - `moved`: row or version are not as they were seen, so nothing was done: a newer change may have come;
 * - `kept`: the row shall go, but rows are interleaved in it.
 */
export type RepairResult = "written" | "moved" | "kept";

/**
 * Compiles repairs under the rule of versions. Each call is one read-write transaction, which reads rows and versions
 * again and leaves out every row that is not as it was seen: a change that came since is never overwritten.
 *
 * The version stays what it was: newer changes that are on their way are applied on top, older ones are stale. Only a
 * tombstone comes to life with its item, a live version becomes a tombstone with its row's end, and the placeholder of an
 * unseen parent goes when the parent's row is written.
 *
 * @throws what the store throws; nothing is written then
 */
export function compileRepair(
  plan: MigrationPlan,
): (store: VersionedStore, repairs: readonly RowRepair[]) => Promise<readonly RepairResult[]> {
  const tree = compileTableTree(plan);
  return (store, repairs) =>
    store.transact(async (reader) => {
      const mutations: StoreMutation[] = [];
      const results: RepairResult[] = [];
      for (const repair of repairs) {
        const result = await decide(reader, tree, repair);
        results.push(result);
        if (result === "written") mutations.push(...mutationsOf(tree, repair));
      }
      return { mutations, result: results };
    });
}

async function decide(
  reader: StoreReader,
  tree: TableTree,
  { table, key, values, seen }: RowRepair,
): Promise<RepairResult> {
  const plan = tableAt(tree, table);
  const [row] = await reader.readRows(plan.name, columnNames(plan), [key]);
  const [versionRow] = await reader.readRows(plan.versionTable, versionColumns(plan), [key]);
  const version = versionRow === undefined ? undefined : parseVersionRow(plan, versionRow).version;
  if (JSON.stringify([row, version]) !== JSON.stringify([seen.row, seen.version])) return "moved";
  if (values !== null) return "written";
  for (const child of tree.children[table] ?? []) {
    const childPlan = tableAt(tree, child);
    const beneath = await reader.readBeneath(childPlan.name, keyColumns(childPlan), key, 1);
    if (beneath.length > 0) return "kept";
  }
  return "written";
}

function mutationsOf(tree: TableTree, { table, key, values, seen: { version } }: RowRepair): readonly StoreMutation[] {
  const plan = tableAt(tree, table);
  if (values === null) {
    const gone: StoreMutation = { kind: "delete", table: plan.name, key };
    if (version === undefined || version.deleted) return [gone];
    return [gone, writeVersion(plan, key, { ...version, deleted: true }, true)];
  }
  const row: StoreMutation = { kind: "write", table: plan.name, columns: columnNames(plan), values };
  if (version === undefined) return [row];
  if (isStandInVersion(version)) return [row, deleteVersion(plan, key)];
  return version.deleted ? [row, writeVersion(plan, key, { ...version, deleted: false }, false)] : [row];
}
