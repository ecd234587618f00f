import { MigrationError } from "../errors/migration-error";
import type { RowChange, RowReference } from "../schema/row-change";
import { orderAgainst } from "../schema/version-order";
import type { WireValue } from "../schema/wire-value";
import { ancestorRows, keyColumns, type TableTree, tableAt } from "./table-tree";
import { parseVersionRow, versionColumns } from "./version-table";
import type { StoredVersion, StoreReader } from "./versioned-store";

/**
 * Most rows that one delete may take along by ON DELETE CASCADE: each costs two mutations of a transaction, which may
 * hold 80,000 (https://cloud.google.com/spanner/quotas, "Limits for creating, reading, updating, and deleting data").
 */
export const MAX_CASCADE_ROWS = 5_000;

/** What a transaction has read before it decides. Rows are named by `TableTree.idOf`. */
export interface FoundState {
  /** Versions of the changes' own rows, of the rows they lie under and of those that a cascade reaches. */
  readonly versions: ReadonlyMap<string, StoredVersion>;
  /** The rows, all columns, of living items whose change the versions alone don't decide on. */
  readonly rows: ReadonlyMap<string, readonly WireValue[]>;
  /** Which of the rows that the changes lie under exist. */
  readonly ancestors: ReadonlySet<string>;
  /**
   * For each row that may go: existing rows directly beneath it; all of them, or at least one more than this batch could
   * remove (then one that stays is among them).
   */
  readonly beneath: ReadonlyMap<string, readonly RowReference[]>;
  /** Deletes that follow from deletes in the batch: rows beneath a deleted one, where the mapping says CASCADE. */
  readonly cascaded: readonly RowChange[];
}

/**
 * Reads all that `decideChanges` needs for a batch.
 * @throws MigrationError E_CASCADE_TOO_LARGE, E_VERSION_UNREADABLE; and what the reader throws
 */
export async function findState(
  reader: StoreReader,
  tree: TableTree,
  changes: readonly RowChange[],
): Promise<FoundState> {
  const above = distinct(
    tree,
    changes.flatMap((change) => ancestorRows(tree, change)),
  );
  const versions = await readVersions(reader, tree, distinct(tree, [...changes, ...above]));
  const ancestors = await readExisting(reader, tree, above);
  const rows = await readUndecided(reader, tree, versions, changes);

  const deletes = changes.filter((change) => change.row === null && !isStale(tree, versions, change));
  const cascaded: RowChange[] = [];
  for (let frontier = deletes; frontier.length > 0; ) {
    const next = await readCascade(reader, tree, frontier);
    for (const [id, version] of await readVersions(reader, tree, next)) versions.set(id, version);
    frontier = next.filter((change) => !isStale(tree, versions, change));
    cascaded.push(...frontier);
    if (cascaded.length > MAX_CASCADE_ROWS) throw tooLarge(tree, deletes);
  }

  const goingIds = new Set([...deletes, ...cascaded].map((change) => tree.idOf(change)));
  const overtaken = changes.filter((change) => isUnderDeleted(tree, versions, goingIds, change));
  const removable = distinct(tree, [
    ...deletes,
    ...cascaded,
    ...overtaken,
    ...[...deletes, ...overtaken]
      .flatMap((change) => ancestorRows(tree, change))
      .filter((row) => ancestors.has(tree.idOf(row))),
  ]);
  return { versions, rows, ancestors, cascaded, beneath: await readBeneath(reader, tree, removable) };
}

function isStale(tree: TableTree, versions: ReadonlyMap<string, StoredVersion>, change: RowChange): boolean {
  const version = versions.get(tree.idOf(change));
  return version !== undefined && orderAgainst(change, version) === "older";
}

/** A put that a cascading delete of a row above it may turn into a delete. */
function isUnderDeleted(
  tree: TableTree,
  versions: ReadonlyMap<string, StoredVersion>,
  going: ReadonlySet<string>,
  change: RowChange,
): boolean {
  if (change.row === null || tableAt(tree, change.table).onDelete !== "CASCADE") return false;
  return ancestorRows(tree, change).some((row) => {
    const id = tree.idOf(row);
    return going.has(id) || versions.get(id)?.deleted === true;
  });
}

function distinct<Row extends RowReference>(tree: TableTree, rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [tree.idOf(row), row])).values()];
}

function byTable<Row extends RowReference>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table);
    if (group === undefined) groups.set(row.table, [row]);
    else group.push(row);
  }
  return groups;
}

async function readVersions(
  reader: StoreReader,
  tree: TableTree,
  rows: readonly RowReference[],
): Promise<Map<string, StoredVersion>> {
  const versions = new Map<string, StoredVersion>();
  for (const [index, group] of byTable(rows)) {
    const table = tableAt(tree, index);
    const asked = new Set(group.map((row) => tree.idOf(row)));
    const keys = group.map((row) => row.key);
    for (const values of await reader.readRows(table.versionTable, versionColumns(table), keys)) {
      const { key, version } = parseVersionRow(table, values);
      const id = tree.idOf({ table: index, key });
      // Never write on a guess: a version that is not recognised would be taken for no version.
      if (!asked.has(id))
        throw new MigrationError("E_INTERNAL", `Spanner spells a key of ${table.name} in another way`);
      versions.set(id, version);
    }
  }
  return versions;
}

async function readUndecided(
  reader: StoreReader,
  tree: TableTree,
  versions: ReadonlyMap<string, StoredVersion>,
  changes: readonly RowChange[],
): Promise<ReadonlyMap<string, readonly WireValue[]>> {
  const undecided = distinct(
    tree,
    changes.filter((change) => {
      const version = versions.get(tree.idOf(change));
      return version !== undefined && change.row !== null && orderAgainst(change, version) === "undecided";
    }),
  );
  const rows = new Map<string, readonly WireValue[]>();
  for (const [index, group] of byTable(undecided)) {
    const table = tableAt(tree, index);
    const columns = table.columns.map(({ name }) => name);
    const keys = group.map((row) => row.key);
    for (const values of await reader.readRows(table.name, columns, keys)) {
      rows.set(tree.idOf({ table: index, key: values.slice(0, table.keyLength) }), values);
    }
  }
  return rows;
}

async function readExisting(
  reader: StoreReader,
  tree: TableTree,
  rows: readonly RowReference[],
): Promise<ReadonlySet<string>> {
  const existing = new Set<string>();
  for (const [index, group] of byTable(rows)) {
    const table = tableAt(tree, index);
    const keys = group.map((row) => row.key);
    for (const key of await reader.readRows(table.name, keyColumns(table), keys))
      existing.add(tree.idOf({ table: index, key }));
  }
  return existing;
}

/** The deletes that follow directly from the given ones; they carry the sequence number of their cause. */
async function readCascade(
  reader: StoreReader,
  tree: TableTree,
  deletes: readonly RowChange[],
): Promise<readonly RowChange[]> {
  const following: RowChange[] = [];
  for (const cause of deletes) {
    for (const child of tree.children[cause.table] ?? []) {
      const table = tableAt(tree, child);
      if (table.onDelete !== "CASCADE") continue;
      const keys = await reader.readBeneath(table.name, keyColumns(table), cause.key, MAX_CASCADE_ROWS + 1);
      if (keys.length > MAX_CASCADE_ROWS) throw tooLarge(tree, [cause]);
      following.push(...keys.map((key) => ({ ...cause, table: child, key })));
    }
  }
  return following;
}

function tooLarge(tree: TableTree, deletes: readonly RowChange[]): MigrationError {
  const names = [...new Set(deletes.map((change) => tableAt(tree, change.table).name))];
  return new MigrationError(
    "E_CASCADE_TOO_LARGE",
    `more than ${MAX_CASCADE_ROWS} rows are interleaved in a deleted row of table ${names.join(", ")}`,
  );
}

async function readBeneath(
  reader: StoreReader,
  tree: TableTree,
  removable: readonly RowReference[],
): Promise<ReadonlyMap<string, readonly RowReference[]>> {
  const removableUnder = new Map<string, number>();
  for (const row of removable) {
    for (const ancestor of ancestorRows(tree, row)) {
      const id = `${row.table}<${tree.idOf(ancestor)}`;
      removableUnder.set(id, (removableUnder.get(id) ?? 0) + 1);
    }
  }
  const beneath = new Map<string, readonly RowReference[]>();
  for (const row of removable) {
    const id = tree.idOf(row);
    const found: RowReference[] = [];
    for (const child of tree.children[row.table] ?? []) {
      const table = tableAt(tree, child);
      const limit = (removableUnder.get(`${child}<${id}`) ?? 0) + 1;
      const keys = await reader.readBeneath(table.name, keyColumns(table), row.key, limit);
      found.push(...keys.map((key) => ({ table: child, key })));
    }
    beneath.set(id, found);
  }
  return beneath;
}
