import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The counts of one run, kept by file: every item read must end as exactly one of the others.
 * Each count is kept by the step that did the thing it counts, so that a step which loses items cannot hide it.
 */
export interface FileCounts {
  /** Items that ReadExport found in the file. */
  read: number;
  /** Rows that a commit wrote. */
  written: number;
  /** Rows that were not written because a newer change of their item was applied before. */
  stale: number;
  /** Items that a rule of the mapping leaves out. */
  filtered: number;
  /** Dead letters that are safely stored. */
  deadLettered: number;
  /** Packed bytes read so far. */
  bytesRead: number;
}

/** The counts of one run on this machine; see {@link openLedger}. */
export interface Ledger {
  readonly files: ReadonlyMap<string, Readonly<FileCounts>>;
  /** Sum over all files. */
  readonly total: Readonly<FileCounts>;
  add(file: string, counts: Partial<FileCounts>): void;
  /** Set when the user asked the run to stop: steps finish what is under way and take nothing new. */
  stopRequested: boolean;
}

const NO_COUNTS: Readonly<FileCounts> = {
  read: 0,
  written: 0,
  stale: 0,
  filtered: 0,
  deadLettered: 0,
  bytesRead: 0,
};
const COUNT_NAMES = Object.keys(NO_COUNTS) as (keyof FileCounts)[];

const ledgers = new Map<string, Ledger>();

/** What the running step counts for a bundle of its own besides; see {@link countInto}. */
const bundles = new AsyncLocalStorage<{ readonly runId: string; readonly bundle: Ledger }>();

/**
 * The ledger of a run, made at its first use. Steps and launcher share it within one process: that is how progress is
 * seen while the direct runner runs, without a Beam counter on the way of every block.
 */
export function openLedger(runId: string): Ledger {
  let ledger = ledgers.get(runId);
  if (ledger === undefined) {
    ledger = createLedger();
    ledgers.set(runId, ledger);
  }
  const counting = bundles.getStore();
  return counting?.runId === runId ? bothLedgers(ledger, counting.bundle) : ledger;
}

/**
 * Calls `work`, whose counts in the ledger of the run `runId`, also those of the asynchronous work that it starts, are
 * added to `bundle` too.
 */
export function countInto<T>(runId: string, bundle: Ledger, work: () => T): T {
  return bundles.run({ runId, bundle }, work);
}

function bothLedgers(run: Ledger, bundle: Ledger): Ledger {
  return {
    files: run.files,
    total: run.total,
    add(file, counts) {
      run.add(file, counts);
      bundle.add(file, counts);
    },
    get stopRequested() {
      return run.stopRequested;
    },
    set stopRequested(stop) {
      run.stopRequested = stop;
    },
  };
}

/** True if something has been counted of a run that is not forgotten. */
export function hasLedger(runId: string): boolean {
  return ledgers.has(runId);
}

/** Forgets a run. */
export function closeLedger(runId: string): void {
  ledgers.delete(runId);
}

/** A ledger of no run. */
export function createLedger(): Ledger {
  const files = new Map<string, FileCounts>();
  const total = { ...NO_COUNTS };
  return {
    files,
    total,
    stopRequested: false,
    add(file, counts) {
      let ofFile = files.get(file);
      if (ofFile === undefined) {
        ofFile = { ...NO_COUNTS };
        files.set(file, ofFile);
      }
      for (const name of COUNT_NAMES) {
        const count = counts[name] ?? 0;
        ofFile[name] += count;
        total[name] += count;
      }
    },
  };
}
