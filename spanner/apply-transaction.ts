import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowChange } from "../schema/row-change";
import { CommitRefused } from "./commit-refused";
import { decideChanges } from "./decide-changes";
import type { Decision, UndecidedChange } from "./decision";
import { findState } from "./found-state";
import { compileTableTree, type TableTree, tableAt } from "./table-tree";
import type { VersionedStore } from "./versioned-store";

export interface ApplyOptions {
  /**
   * Repeats an attempt while it fails for passing reasons (`retryTransient`). When it gives up it throws CommitRefused if a
   * row is at fault, and a MigrationError that ends the job otherwise.
   */
  readonly retry: <Result>(attempt: () => Promise<Result>) => Promise<Result>;
}

/** A change that the database refuses for good. */
export interface FailedChange<Change extends RowChange> {
  readonly change: Change;
  readonly error: RowError;
}

export type RowError = CommitRefused | MigrationError;

/** Every change given to `apply` is in exactly one of the lists. */
export interface ApplyOutcome<Change extends RowChange> {
  readonly applied: readonly Change[];
  readonly stale: readonly Change[];
  readonly superseded: readonly Change[];
  readonly waiting: readonly Change[];
  readonly undecided: readonly UndecidedChange<Change>[];
  readonly failed: readonly FailedChange<Change>[];
  readonly keptParents: number;
  readonly createdParents: number;
  readonly removedParents: number;
  /** Transactions committed. */
  readonly transactions: number;
}

/**
 * Compiles, for a plan, the one way in which versioned rows are written: streamed changes, lines of incremental exports,
 * and rows of a full export while a stream is running.
 *
 * The returned function writes a batch in one read-write transaction: it reads the versions, decides, writes rows,
 * tombstones and versions together. When it resolves, everything it reports as applied is committed, and the messages
 * that hold these changes may be acknowledged.
 *
 * A batch that the database refuses is split until the change at fault is alone; its neighbours are written. An aborted
 * or unanswered transaction is run again from its reads: what a lost answer has committed is then found to be stale.
 *
 * @throws MigrationError whatever `retry` gives up on and no row is at fault for
 */
export function compileApply<Change extends RowChange>(
  plan: MigrationPlan,
  options: ApplyOptions,
): (store: VersionedStore, changes: readonly Change[]) => Promise<ApplyOutcome<Change>> {
  const tree = compileTableTree(plan);
  return (store, changes) => applySplitting(store, tree, parentsFirst(tree, changes), options);
}

/** If a batch must be split, parents come in the first half, so that their children need not wait. */
function parentsFirst<Change extends RowChange>(tree: TableTree, changes: readonly Change[]): readonly Change[] {
  return [...changes].sort((left, right) => tableAt(tree, left.table).level - tableAt(tree, right.table).level);
}

async function applySplitting<Change extends RowChange>(
  store: VersionedStore,
  tree: TableTree,
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<ApplyOutcome<Change>> {
  const [only] = changes;
  if (only === undefined) return NOTHING;
  try {
    const decision = await options.retry(() => applyOnce(store, tree, changes));
    return { ...decision, failed: [], transactions: 1 };
  } catch (error) {
    if (!isRowError(error)) throw error;
    if (changes.length === 1) return { ...NOTHING, failed: [{ change: only, error }] };
    const middle = Math.ceil(changes.length / 2);
    const first = await applySplitting(store, tree, changes.slice(0, middle), options);
    return joined(first, await applySplitting(store, tree, changes.slice(middle), options));
  }
}

function applyOnce<Change extends RowChange>(
  store: VersionedStore,
  tree: TableTree,
  changes: readonly Change[],
): Promise<Decision<Change>> {
  return store.transact(async (reader) => {
    const decision = decideChanges(tree, changes, await findState(reader, tree, changes));
    return { mutations: decision.mutations, result: decision };
  });
}

/** True if a change of the batch is at fault: as the database found, or as was found before it was asked. */
function isRowError(error: unknown): error is RowError {
  if (error instanceof CommitRefused) return true;
  return error instanceof MigrationError && error.code === "E_CASCADE_TOO_LARGE";
}

const NOTHING = {
  applied: [],
  stale: [],
  superseded: [],
  waiting: [],
  undecided: [],
  failed: [],
  keptParents: 0,
  createdParents: 0,
  removedParents: 0,
  transactions: 0,
} as const;

function joined<Change extends RowChange>(
  left: ApplyOutcome<Change>,
  right: ApplyOutcome<Change>,
): ApplyOutcome<Change> {
  return {
    applied: [...left.applied, ...right.applied],
    stale: [...left.stale, ...right.stale],
    superseded: [...left.superseded, ...right.superseded],
    waiting: [...left.waiting, ...right.waiting],
    undecided: [...left.undecided, ...right.undecided],
    failed: [...left.failed, ...right.failed],
    keptParents: left.keptParents + right.keptParents,
    createdParents: left.createdParents + right.createdParents,
    removedParents: left.removedParents + right.removedParents,
    transactions: left.transactions + right.transactions,
  };
}
