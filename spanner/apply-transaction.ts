import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowChange } from "../schema/row-change";
import { type Decision, decideChanges } from "./decide-changes";
import { findState } from "./found-state";
import { compileTableTree, type TableTree, tableAt } from "./table-tree";
import type { VersionedStore } from "./versioned-store";

/** What to do about an error of the database: try again, find the row at fault, or give up. */
export type ErrorVerdict = "retry" | "row" | "stop";

export interface ApplyOptions {
  readonly classify: (error: unknown) => ErrorVerdict;
  /** Waits before another attempt; gets the number of attempts made so far and their last error. */
  readonly pause: (attempt: number, error: unknown) => Promise<void>;
  readonly maxAttempts: number;
}

/** A change that the database refuses for good. */
export interface FailedChange<Change extends RowChange> {
  readonly change: Change;
  readonly error: unknown;
}

/** Every change given to `apply` is in exactly one of the lists. */
export interface ApplyOutcome<Change extends RowChange> {
  readonly applied: readonly Change[];
  readonly stale: readonly Change[];
  readonly superseded: readonly Change[];
  readonly waiting: readonly Change[];
  readonly failed: readonly FailedChange<Change>[];
  readonly keptParents: number;
  readonly createdParents: number;
  readonly removedParents: number;
  /** Transactions committed. */
  readonly transactions: number;
}

/**
 * Compiles, for a plan, the one way in which versioned rows are written: streamed changes, and rows of an export while a
 * stream is running (`sequenceNumber` null).
 *
 * The returned function writes a batch in one read-write transaction: it reads the versions, decides, writes rows,
 * tombstones and versions together. When it resolves, everything it reports as applied is committed, and the messages
 * that hold these changes may be acknowledged.
 *
 * A batch that the database refuses is split until the change at fault is alone; its neighbours are written. An aborted
 * or unanswered transaction is run again from its reads: what a lost answer has committed is then found to be stale.
 *
 * @throws what the database throws, if its verdict is "stop", and E_TRANSACTION_ABORTED after `maxAttempts`
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
    const decision = await applyRetrying(store, tree, changes, options);
    return { ...decision, failed: [], transactions: 1 };
  } catch (error) {
    if (verdictOn(error, options) !== "row") throw error;
    if (changes.length === 1) return { ...NOTHING, failed: [{ change: only, error }] };
    const middle = Math.ceil(changes.length / 2);
    const first = await applySplitting(store, tree, changes.slice(0, middle), options);
    return joined(first, await applySplitting(store, tree, changes.slice(middle), options));
  }
}

async function applyRetrying<Change extends RowChange>(
  store: VersionedStore,
  tree: TableTree,
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<Decision<Change>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transact(async (reader) => {
        const decision = decideChanges(tree, changes, await findState(reader, tree, changes));
        return { mutations: decision.mutations, result: decision };
      });
    } catch (error) {
      if (verdictOn(error, options) !== "retry") throw error;
      if (attempt >= options.maxAttempts) throw exhausted(attempt, error);
      await options.pause(attempt, error);
    }
  }
}

/** Our own refusals concern a row, unless their code ends a command; the database's are judged by their class. */
function verdictOn(error: unknown, options: ApplyOptions): ErrorVerdict {
  if (!(error instanceof MigrationError)) return options.classify(error);
  return error.code === "E_CASCADE_TOO_LARGE" ? "row" : "stop";
}

function exhausted(attempts: number, cause: unknown): MigrationError {
  return new MigrationError("E_TRANSACTION_ABORTED", `a transaction did not get through in ${attempts} attempts`, {
    cause,
  });
}

const NOTHING = {
  applied: [],
  stale: [],
  superseded: [],
  waiting: [],
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
    failed: [...left.failed, ...right.failed],
    keptParents: left.keptParents + right.keptParents,
    createdParents: left.createdParents + right.createdParents,
    removedParents: left.removedParents + right.removedParents,
    transactions: left.transactions + right.transactions,
  };
}
