import type { RowChange, RowReference } from "../schema/row-change";
import { PLACEHOLDER_SEQUENCE_NUMBER } from "../schema/sequence-number";
import {
  type ItemVersion,
  isExportRow,
  isStandInVersion,
  joinVersions,
  orderAgainst,
  orderOfChanges,
  versionOfChange,
} from "../schema/version-order";
import type { Decision, UndecidedChange } from "./decision";
import type { FoundState } from "./found-state";
import { keyOnlyRow, parentRow, type TableTree, tableAt } from "./table-tree";
import { deleteVersion, markForgettable, writeVersion } from "./version-table";
import type { StoredVersion, StoreMutation } from "./versioned-store";
import { weighChange } from "./weigh-change";

/**
 * Decides what a transaction writes, from what it has read. Pure: the same for Spanner and for the model in the tests.
 *
 * - The newest change of an item wins (`weighChange`); a full export's row counts as older than any version (design,
 *   rules 3 and 4). Of what is undecided nothing is written.
 * - DynamoDB deletes no children with a parent. A deleted parent with rows beneath it stays as a key-only row with a
 *   tombstone; a child put under a deleted parent brings that key-only row back; it goes with its last child.
 * - With CASCADE a delete takes those rows beneath it along that are older than itself.
 */
export function decideChanges<Change extends RowChange>(
  tree: TableTree,
  changes: readonly Change[],
  found: FoundState,
): Decision<Change> {
  const batch = new BatchDecision<Change>(tree, found);
  batch.takeVersions(changes);
  batch.findParents();
  batch.removeRows();
  return batch.decision();
}

class BatchDecision<Change extends RowChange> {
  readonly #tree: TableTree;
  readonly #found: FoundState;
  readonly #stale: Change[] = [];
  readonly #superseded: Change[] = [];
  readonly #waiting: Change[] = [];
  readonly #undecided: UndecidedChange<Change>[] = [];
  /** Accepted changes by row. */
  readonly #accepted = new Map<string, Change>();
  /** Versions as they will be after the transaction. */
  readonly #versions: Map<string, StoredVersion>;
  /** Rows whose version is a tombstone written by this batch, by row. */
  readonly #deletes = new Map<string, RowReference>();
  /** Deleted or unseen parents that must exist for a row beneath them. */
  readonly #keyOnly = new Map<string, RowReference>();
  readonly #placeholders = new Set<string>();
  /** Rows that the transaction leaves or makes beneath a row, as far as they are touched here. */
  readonly #presentBeneath = new Set<string>();
  readonly #removed = new Map<string, RowReference>();
  #keptParents = 0;
  #removedParents = 0;

  constructor(tree: TableTree, found: FoundState) {
    this.#tree = tree;
    this.#found = found;
    this.#versions = new Map(found.versions);
  }

  /** Which changes are new; afterwards `#versions` says what is the truth about every item touched. */
  takeVersions(changes: readonly Change[]): void {
    // Parents first: whether a child's put is overtaken by its parent's cascading delete depends on them.
    for (const change of this.#byLevel(this.#newestOfEach(changes))) {
      const id = this.#tree.idOf(change);
      const version = this.#versions.get(id);
      const order = weighChange(tableAt(this.#tree, change.table), change, version, this.#found.rows.get(id));
      if (order === "older") {
        this.#stale.push(change);
        continue;
      }
      if (order === "undecided" && version !== undefined) {
        this.#undecided.push({ change, version });
        continue;
      }
      const cause = this.#cascadingDelete(change);
      if (cause !== undefined) {
        this.#stale.push(change);
        if (!isExportRow(change)) this.#markDeleted(change, cause);
        continue;
      }
      this.#accepted.set(id, change);
      if (change.row === null) this.#markDeleted(change, versionOfChange(change));
      else if (isExportRow(change)) this.#versions.delete(id);
      else this.#versions.set(id, { ...this.#joined(id, versionOfChange(change)), deleted: false });
    }
    for (const change of this.#found.cascaded) {
      const id = this.#tree.idOf(change);
      const version = this.#versions.get(id);
      if (version !== undefined && orderAgainst(change, version) !== "newer") continue;
      // A put of this batch that the cascade overtakes: left accepted, its row would stand beside its own tombstone.
      const overtaken = this.#accepted.get(id);
      if (overtaken !== undefined && overtaken.row !== null && this.#accepted.delete(id)) this.#stale.push(overtaken);
      this.#markDeleted(change, versionOfChange(change));
    }
  }

  /** A put needs the rows that it lies under: those that are missing are made, or the put waits. */
  findParents(): void {
    for (const [id, change] of [...this.#accepted]) {
      if (change.row === null) continue;
      const parent = parentRow(this.#tree, change);
      if (parent === undefined || this.#ensure(parent, tableAt(this.#tree, change.table).createParent)) {
        this.#markPresent(change);
        continue;
      }
      this.#waiting.push(change);
      this.#accepted.delete(id);
      const before = this.#found.versions.get(id);
      if (before === undefined) this.#versions.delete(id);
      else this.#versions.set(id, before);
    }
  }

  /** From the deepest rows up: a deleted row goes if none beneath it stays, and may then let a deleted parent go. */
  removeRows(): void {
    const candidates = new Map(this.#deletes);
    for (let level = this.#deepestLevel(); level >= 0; level--) {
      for (const [id, row] of [...candidates]) {
        if (tableAt(this.#tree, row.table).level !== level) continue;
        const parent = parentRow(this.#tree, row);
        if (this.#staysBeneath(row)) {
          if (!this.#deletes.has(id)) continue;
          this.#keptParents++;
          this.#keyOnly.set(id, row);
          this.#markPresent(row);
        } else {
          this.#removed.set(id, row);
          if (!this.#deletes.has(id)) this.#removedParents++;
          if (parent !== undefined && this.#standsIn(parent)) candidates.set(this.#tree.idOf(parent), parent);
        }
      }
    }
  }

  decision(): Decision<Change> {
    return {
      mutations: [...this.#rowMutations(), ...this.#versionMutations()],
      applied: [...this.#accepted.values()],
      stale: this.#stale,
      superseded: this.#superseded,
      waiting: this.#waiting,
      undecided: this.#undecided,
      keptParents: this.#keptParents,
      createdParents: this.#placeholders.size,
      removedParents: this.#removedParents,
    };
  }

  #newestOfEach(changes: readonly Change[]): readonly Change[] {
    const newest = new Map<string, Change>();
    for (const change of changes) {
      const id = this.#tree.idOf(change);
      const other = newest.get(id);
      if (other === undefined) newest.set(id, change);
      else if (orderOfChanges(change, other) === "newer") {
        this.#superseded.push(other);
        newest.set(id, change);
      } else this.#superseded.push(change);
    }
    return [...newest.values()];
  }

  /** The tombstone above a row, newer than the row's change, that takes the row along; never one that was read just now. */
  #cascadingDelete(change: Change): ItemVersion | undefined {
    if (change.row === null || change.readAfter !== undefined) return undefined;
    for (let row: RowReference = change; tableAt(this.#tree, row.table).onDelete === "CASCADE"; ) {
      const parent = parentRow(this.#tree, row);
      if (parent === undefined) return undefined;
      const version = this.#versions.get(this.#tree.idOf(parent));
      // Undecided is not overtaken: a child that should go has a delete of its own, one that should stay has no other put.
      if (version?.deleted === true && orderAgainst(change, version) === "older") return version;
      row = parent;
    }
    return undefined;
  }

  #markDeleted(row: RowReference, cause: ItemVersion): void {
    const id = this.#tree.idOf(row);
    this.#versions.set(id, { ...this.#joined(id, cause), deleted: true });
    this.#deletes.set(id, { table: row.table, key: row.key });
  }

  #joined(id: string, { sequenceNumber, changedAt, writeTimestampMicros }: ItemVersion): ItemVersion {
    const version = { sequenceNumber, changedAt, writeTimestampMicros };
    const before = this.#versions.get(id);
    return before === undefined ? version : joinVersions(before, version);
  }

  /** True if the row will exist; makes it a key-only row where its item is deleted or, if allowed, unseen. */
  #ensure(row: RowReference, createParent: boolean): boolean {
    const id = this.#tree.idOf(row);
    const accepted = this.#accepted.get(id);
    if (this.#keyOnly.has(id) || (accepted !== undefined && accepted.row !== null)) return true;
    if (this.#found.ancestors.has(id)) return true;
    const version = this.#versions.get(id);
    if (version === undefined ? !createParent : !version.deleted) return false;
    const parent = parentRow(this.#tree, row);
    if (parent !== undefined && !this.#ensure(parent, tableAt(this.#tree, row.table).createParent)) return false;
    if (version === undefined) {
      this.#versions.set(id, { ...STAND_IN, deleted: true });
      this.#placeholders.add(id);
    }
    this.#keyOnly.set(id, row);
    this.#markPresent(row);
    return true;
  }

  #markPresent(row: RowReference): void {
    const parent = parentRow(this.#tree, row);
    if (parent !== undefined) this.#presentBeneath.add(this.#tree.idOf(parent));
  }

  #staysBeneath(row: RowReference): boolean {
    const id = this.#tree.idOf(row);
    if (this.#presentBeneath.has(id)) return true;
    // What was not read can't be ruled out: a row that stays too long does less harm than one that is lost.
    const beneath = this.#found.beneath.get(id);
    if (beneath === undefined) return (this.#tree.children[row.table] ?? []).length > 0;
    return beneath.some((child) => !this.#removed.has(this.#tree.idOf(child)));
  }

  /** True if the row exists only for the rows beneath it: its own item is deleted or unseen. */
  #standsIn(row: RowReference): boolean {
    const id = this.#tree.idOf(row);
    return this.#found.ancestors.has(id) && this.#versions.get(id)?.deleted === true && !this.#keyOnly.has(id);
  }

  #deepestLevel(): number {
    return Math.max(0, ...this.#tree.tables.map((table) => table.level));
  }

  #byLevel<Row extends RowReference>(rows: readonly Row[]): readonly Row[] {
    return [...rows].sort((left, right) => this.#levelOf(left) - this.#levelOf(right));
  }

  #levelOf(row: RowReference): number {
    return tableAt(this.#tree, row.table).level;
  }

  /**
   * Deletes first, the deepest first (a parent goes after its children, and a unique index has room for a successor),
   * then writes, parents first.
   */
  *#rowMutations(): Generator<StoreMutation> {
    for (const row of [...this.#byLevel([...this.#removed.values()])].reverse()) {
      yield { kind: "delete", table: tableAt(this.#tree, row.table).name, key: row.key };
    }
    const puts = [...this.#accepted.values()].filter((change) => change.row !== null);
    for (const row of this.#byLevel<RowReference & { row?: RowChange["row"] }>([...this.#keyOnly.values(), ...puts])) {
      const table = tableAt(this.#tree, row.table);
      const values = row.row ?? keyOnlyRow(table, row.key);
      yield { kind: "write", table: table.name, columns: table.columns.map((column) => column.name), values };
    }
  }

  *#versionMutations(): Generator<StoreMutation> {
    for (const [id, change] of this.#accepted) {
      if (change.row === null) continue;
      const table = tableAt(this.#tree, change.table);
      const version = this.#versions.get(id);
      if (version !== undefined) yield writeVersion(table, change.key, version, false);
      else if (this.#found.versions.has(id)) yield deleteVersion(table, change.key);
    }
    for (const [id, row] of this.#deletes) yield* this.#tombstone(id, row);
    for (const [id, row] of this.#keyOnly) {
      if (this.#deletes.has(id)) continue;
      if (this.#placeholders.has(id)) yield* this.#tombstone(id, row);
      else yield* this.#markForgettable(id, row, false);
    }
    for (const [id, row] of this.#removed) {
      if (this.#deletes.has(id)) continue;
      const version = this.#versions.get(id);
      if (version !== undefined && isStandInVersion(version))
        yield deleteVersion(tableAt(this.#tree, row.table), row.key);
      else yield* this.#markForgettable(id, row, true);
    }
  }

  *#markForgettable(id: string, row: RowReference, forgettable: boolean): Generator<StoreMutation> {
    const version = this.#versions.get(id);
    if (version !== undefined) yield markForgettable(tableAt(this.#tree, row.table), row.key, version, forgettable);
  }

  *#tombstone(id: string, row: RowReference): Generator<StoreMutation> {
    const version = this.#versions.get(id);
    if (version !== undefined)
      yield writeVersion(tableAt(this.#tree, row.table), row.key, version, !this.#keyOnly.has(id));
  }
}

const STAND_IN: ItemVersion = {
  sequenceNumber: PLACEHOLDER_SEQUENCE_NUMBER,
  changedAt: null,
  writeTimestampMicros: null,
};
