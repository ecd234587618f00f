/** Lines of incremental exports whose order no time could tell, in one run on this machine. */
export interface UndecidedCounts {
  undecided: number;
  /** Of these, how many a consistent read of the item settled. They count as written; the others are dead letters. */
  settled: number;
}

const runs = new Map<string, UndecidedCounts>();

/** The counts of a run, made at their first use. */
export function undecidedCounts(runId: string): UndecidedCounts {
  let counts = runs.get(runId);
  if (counts === undefined) {
    counts = { undecided: 0, settled: 0 };
    runs.set(runId, counts);
  }
  return counts;
}
