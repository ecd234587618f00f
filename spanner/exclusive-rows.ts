import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import { CommitRefused } from "./commit-refused";
import { type RowMutation, type RowSelection, writeTarget } from "./commit-request";
import type { CommitSender } from "./commit-sender";
import { decodeKey } from "./row-decoder";
import { RowEncoder } from "./row-encoder";
import { type CommitRows, overwriteRows } from "./row-writer";
import { compileTableTree, keyColumns, type TableTree, tableAt } from "./table-tree";

/**
 * The bulk load's way to write a table that nothing else writes to: sets the columns of each row, whatever the database
 * holds. Where rows have no parent row and their table says `createParent`, the commit is sent once more with the keys of
 * their parents before them. A key by itself leaves the columns of a row that is there as they are.
 *
 * @param plan the tables of the rows by name
 */
export function writeExclusiveRows(sender: CommitSender, plan: MigrationPlan): CommitRows {
  const tree = compileTableTree(plan);
  const overwrite = overwriteRows(sender);
  return async (selections) => {
    try {
      return await overwrite(selections);
    } catch (error) {
      if (!(error instanceof CommitRefused) || error.code !== "E_SPANNER_PARENT_MISSING") throw error;
      const parents = createdParentKeys(tree, selections);
      if (parents.length === 0) throw error;
      await sender.commit([...parents, ...selections.map(insertOrUpdate)]);
      return { written: selections.reduce((sum, { from, to }) => sum + to - from, 0), stale: 0 };
    }
  };
}

function insertOrUpdate(selection: RowSelection): RowMutation {
  return { ...selection, operation: "insertOrUpdate" };
}

/** The keys of all rows above those of tables that may create them, the highest first. */
function createdParentKeys(tree: TableTree, selections: readonly RowSelection[]): readonly RowMutation[] {
  const indexes = new Map(tree.tables.map(({ name }, index) => [name, index]));
  const keys = new Map<number, RowEncoder>();
  const met = new Set<string>();
  for (const { target, rows, order, from, to } of selections) {
    const table = indexes.get(target.table);
    if (table === undefined) throw new MigrationError("E_INTERNAL", `the plan has no table ${target.table}`);
    const created = createdParents(tree, table);
    for (let at = from; created.length > 0 && at < to; at++) {
      const key = decodeKey(rows, order?.[at] ?? at);
      for (const parent of created) {
        const parentKey = key.slice(0, tableAt(tree, parent).keyLength);
        const id = tree.idOf({ table: parent, key: parentKey });
        if (met.has(id)) continue;
        met.add(id);
        const encoder = keys.get(parent) ?? new RowEncoder(parentKey.length);
        keys.set(parent, encoder);
        encoder.appendRow(parentKey, 0);
      }
    }
  }
  const highestFirst = [...keys].sort(([left], [right]) => tableAt(tree, left).level - tableAt(tree, right).level);
  return highestFirst.map(([table, encoder]) => {
    const { name } = tableAt(tree, table);
    const { count } = encoder;
    const target = writeTarget(name, keyColumns(tableAt(tree, table)));
    return insertOrUpdate({ target, rows: encoder.finish(), from: 0, to: count });
  });
}

/** The table's parent if the table may create it, the parent's parent if that may, and so on. */
function createdParents(tree: TableTree, table: number): readonly number[] {
  const parent = tree.parents[table];
  if (parent === undefined || !tableAt(tree, table).createParent) return [];
  return [parent, ...createdParents(tree, parent)];
}
