import type { RowChange } from "../schema/row-change";
import type { StoredVersion, StoreMutation } from "./versioned-store";

/** A change that is neither known to be newer than what was applied, nor to be older. */
export interface UndecidedChange<Change extends RowChange> {
  readonly change: Change;
  /** What was found: a consistent read of the item that is made from now on is at least as new. */
  readonly version: StoredVersion;
}

/** What becomes of a batch of changes; each change is in exactly one of the five lists. */
export interface Decision<Change extends RowChange> {
  readonly mutations: readonly StoreMutation[];
  readonly applied: readonly Change[];
  /** As new a change of the item, or a newer one, was applied before. */
  readonly stale: readonly Change[];
  /** A newer change of the item is in the same batch. */
  readonly superseded: readonly Change[];
  /** The row that it lies under is neither there, nor known to be deleted: it may yet come. */
  readonly waiting: readonly Change[];
  /** It fell into the same second as a change that came by another way, and asks for something else. */
  readonly undecided: readonly UndecidedChange<Change>[];
  /** Deleted parents that stay as key-only rows because rows beneath them remain. */
  readonly keptParents: number;
  /** Key-only rows made for a child whose parent has not been seen (`createParent`). */
  readonly createdParents: number;
  /** Key-only rows that went with the last row beneath them. */
  readonly removedParents: number;
}
