import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan, TablePlan } from "../schema/migration-plan";
import type { RowChange } from "../schema/row-change";
import { isStandInVersion } from "../schema/version-order";
import { CommitRefused } from "./commit-refused";
import { type RowSelection, selectedKeySet } from "./commit-request";
import type { SpannerConnection } from "./connection";
import { decideChanges } from "./decide-changes";
import { findState } from "./found-state";
import { parentKeySet } from "./raw-read";
import { type ReadWriteTransaction, runTransaction } from "./read-write-transaction";
import { decodeKey, decodeRow } from "./row-decoder";
import type { CommitCounts, CommitRows } from "./row-writer";
import { commitMutations, commitRows, readerOf } from "./spanner-store";
import { compileTableTree, type TableTree, tableAt } from "./table-tree";
import { type RetryOptions, retryTransient } from "./transient-retry";
import { parseVersionRow, versionColumns } from "./version-table";
import { fromProtobufList } from "./wire-protobuf";

export type UnversionedOptions = Omit<RetryOptions, "subject">;

/**
 * The bulk load's way to write while a stream may be running: a row is written only if its item has no version, not even a
 * tombstone; otherwise it counts as stale. Check and write are in one read-write transaction (design, rule 4).
 *
 * Rows travel as bytes: the keys of a commit are read from the version table as they stand, and only if there are
 * versions are the rows looked at one by one. Where parents are deleted or unseen, the commit goes through `decideChanges`,
 * as the stream's changes do.
 *
 * @param plan the tables of the rows by name; each row holds all columns of its table, in the plan's order
 */
export function writeUnversionedRows(
  connection: SpannerConnection,
  plan: MigrationPlan,
  options: UnversionedOptions = {},
): CommitRows {
  const tree = compileTableTree(plan);
  const tables = new Map(plan.tables.map((table, index) => [table.name, index]));

  const tableOf = ({ target }: RowSelection): number => {
    const table = tables.get(target.table);
    if (table === undefined) throw new MigrationError("E_INTERNAL", `the plan has no table ${target.table}`);
    return table;
  };

  const retry = <Result>(work: (transaction: ReadWriteTransaction) => Promise<Result>): Promise<Result> =>
    retryTransient(() => runTransaction(connection, work), { ...options, subject: connection.databaseName });

  return async (selections) => {
    const ranges = selections.filter(({ from, to }) => to > from).map((rows) => ({ table: tableOf(rows), rows }));
    const asChanges = (transaction: ReadWriteTransaction) => writeAsChanges(connection, transaction, tree, ranges);
    try {
      return await retry(
        async (transaction) =>
          (await writeAsBytes(connection, transaction, tree, ranges)) ?? (await asChanges(transaction)),
      );
    } catch (error) {
      const orphan = error instanceof CommitRefused && error.code === "E_SPANNER_PARENT_MISSING";
      if (orphan && ranges.some(({ table }) => tableAt(tree, table).createParent)) return retry(asChanges);
      throw error;
    }
  };
}

interface TableRange {
  /** Index in the plan. */
  readonly table: number;
  readonly rows: RowSelection;
}

/** Undefined, and nothing written, if a row is a stand-in, or lies beneath a deleted item or a stand-in. */
async function writeAsBytes(
  connection: SpannerConnection,
  transaction: ReadWriteTransaction,
  tree: TableTree,
  ranges: readonly TableRange[],
): Promise<CommitCounts | undefined> {
  const selections: RowSelection[] = [];
  let stale = 0;
  for (const { table, rows } of ranges) {
    const versioned = await readVersioned(transaction, tree, table, rows);
    if (versioned === "stand-in" || (await isBeneathDeleted(transaction, tree, table, rows))) return undefined;
    const left = versioned.size === 0 ? rows : withoutRows(tree, table, rows, versioned);
    stale += rows.to - rows.from - (left.to - left.from);
    if (left.to > left.from) selections.push(left);
  }
  const mutations = selections.map((rows) => ({ ...rows, operation: "insertOrUpdate" as const }));
  await commitRows(connection, transaction, mutations);
  return { written: selections.reduce((sum, { from, to }) => sum + to - from, 0), stale };
}

/** Which of the rows have a version, by identity. */
async function readVersioned(
  transaction: ReadWriteTransaction,
  tree: TableTree,
  table: number,
  rows: RowSelection,
): Promise<ReadonlySet<string> | "stand-in"> {
  const versions = await readVersions(transaction, tableAt(tree, table), selectedKeySet(rows));
  if (versions.some(({ version }) => isStandInVersion(version))) return "stand-in";
  return new Set(versions.map(({ key }) => tree.idOf({ table, key })));
}

/** True if one of the rows lies under a row whose item is deleted or unseen. */
async function isBeneathDeleted(
  transaction: ReadWriteTransaction,
  tree: TableTree,
  table: number,
  rows: RowSelection,
): Promise<boolean> {
  for (let parent = tree.parents[table]; parent !== undefined; parent = tree.parents[parent]) {
    const plan = tableAt(tree, parent);
    const versions = await readVersions(transaction, plan, parentKeySet(rows, plan.keyLength));
    if (versions.some(({ version }) => version.deleted)) return true;
  }
  return false;
}

async function readVersions(transaction: ReadWriteTransaction, table: TablePlan, keySet: Buffer) {
  const found = await transaction.readKeys({ table: table.versionTable, columns: versionColumns(table), keySet });
  return found.map((values) => parseVersionRow(table, fromProtobufList(values)));
}

/** The selection without the rows that have a version. Each version found must be that of a row. */
function withoutRows(
  tree: TableTree,
  table: number,
  { target, rows, order, from, to }: RowSelection,
  versioned: ReadonlySet<string>,
): RowSelection {
  const kept = new Uint32Array(to - from);
  const met = new Set<string>();
  let count = 0;
  for (let index = from; index < to; index++) {
    const row = order?.[index] ?? index;
    const id = tree.idOf({ table, key: decodeKey(rows, row) });
    if (versioned.has(id)) met.add(id);
    else kept[count++] = row;
  }
  if (met.size < versioned.size) {
    // Never overwrite on a guess: a version of a row that is not recognised would be taken for no version.
    throw new MigrationError("E_INTERNAL", `Spanner spells a key of ${target.table} otherwise than it was written`);
  }
  return { target, rows, order: kept, from: 0, to: count };
}

async function writeAsChanges(
  connection: SpannerConnection,
  transaction: ReadWriteTransaction,
  tree: TableTree,
  ranges: readonly TableRange[],
): Promise<CommitCounts> {
  const changes = ranges.flatMap(({ table, rows }) => rowChanges(tree, table, rows));
  const decision = decideChanges(tree, changes, await findState(readerOf(transaction), tree, changes));
  const [orphan] = decision.waiting;
  if (orphan !== undefined) {
    const name = tableAt(tree, orphan.table).name;
    throw new CommitRefused("E_SPANNER_PARENT_MISSING", `The row of ${name} has no parent row in the database`);
  }
  await commitMutations(connection, transaction, decision.mutations);
  return { written: decision.applied.length, stale: decision.stale.length + decision.superseded.length };
}

function rowChanges(tree: TableTree, table: number, { rows, order, from, to }: RowSelection): readonly RowChange[] {
  const { keyLength } = tableAt(tree, table);
  return Array.from({ length: to - from }, (_, offset) => {
    const values = decodeRow(rows, order?.[from + offset] ?? from + offset);
    return { table, key: values.slice(0, keyLength), row: values, sequenceNumber: null, changedAt: null };
  });
}
