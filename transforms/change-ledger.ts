import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Counts of a stream's changes. Each message that was read ends as exactly one of applied, stale, superseded, filtered,
 * expired, dead-lettered or, for now, waiting. Each count is kept by the step that did the thing it counts.
 */
export interface ChangeCounts {
  /** Messages that ParseChange took. */
  read: number;
  /** Changes that a commit wrote. */
  applied: number;
  /** As new a change of the item, or a newer one, was applied before. */
  stale: number;
  /** A newer change of the item was in the same window. */
  superseded: number;
  /** Items that a rule of the mapping leaves out. */
  filtered: number;
  /** Deletes by Time to Live, left out by option. */
  expired: number;
  /** Dead letters that are safely stored. */
  deadLettered: number;
  /** Changes whose parent is not there yet; they are given in again. */
  waiting: number;
  /** Deleted parents that stay as key-only rows because rows beneath them remain. */
  keptParents: number;
  /** Key-only rows made for a child whose parent has not been seen. */
  createdParents: number;
  /** Key-only rows that went with their last child. */
  removedParents: number;
  /** Transactions committed. */
  transactions: number;
}

/** The counts of one run on this machine; see {@link openChangeLedger}. */
export interface ChangeLedger {
  readonly total: Readonly<ChangeCounts>;
  add(counts: Partial<ChangeCounts>): void;
  /** Messages whose changes wait for a parent, and since when (RFC 3339): to be given in again, not acknowledged. */
  readonly waitingSince: Map<string, string>;
}

const ledgers = new Map<string, ChangeLedger>();

/** In place of the run's ledger, where a step counts for a bundle; see {@link countChangesInto}. */
const bundles = new AsyncLocalStorage<{ readonly runId: string; readonly bundle: ChangeLedger }>();

/** The ledger of a run (of a window, say), made at its first use; steps and launcher share it within one process. */
export function openChangeLedger(runId: string): ChangeLedger {
  const counting = bundles.getStore();
  if (counting?.runId === runId) return counting.bundle;
  let ledger = ledgers.get(runId);
  if (ledger === undefined) {
    ledger = createChangeLedger();
    ledgers.set(runId, ledger);
  }
  return ledger;
}

/**
 * Calls `work`, which finds `bundle` in place of the ledger of the run `runId`; so does the asynchronous work that it
 * starts.
 */
export function countChangesInto<T>(runId: string, bundle: ChangeLedger, work: () => T): T {
  return bundles.run({ runId, bundle }, work);
}

/** Forgets a run. */
export function closeChangeLedger(runId: string): void {
  ledgers.delete(runId);
}

export function noChanges(): ChangeCounts {
  return {
    read: 0,
    applied: 0,
    stale: 0,
    superseded: 0,
    filtered: 0,
    expired: 0,
    deadLettered: 0,
    waiting: 0,
    keptParents: 0,
    createdParents: 0,
    removedParents: 0,
    transactions: 0,
  };
}

/** A ledger of no run. */
export function createChangeLedger(): ChangeLedger {
  const total = noChanges();
  return {
    total,
    waitingSince: new Map(),
    add(counts) {
      for (const name of Object.keys(total) as (keyof ChangeCounts)[]) total[name] += counts[name] ?? 0;
    },
  };
}
