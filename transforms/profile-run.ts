import type { ItemProfile } from "../schema/profile/item-profile";

/** Items that would become dead letters, for one reason. */
export interface ProofFailure {
  readonly code: string;
  readonly message: string;
  count: number;
  /** Where the first of them lies. */
  readonly file: string;
  readonly line: number;
}

/** What the steps of a profile hand to the command that runs them, within one process. */
export interface ProfileRun {
  profile: ItemProfile | undefined;
  /** Rows that each table of the proposed mapping would get. */
  readonly rows: Map<number, number>;
  readonly failures: Map<string, ProofFailure>;
}

const runs = new Map<string, ProfileRun>();

/** The findings of a run, made at their first use. */
export function openProfileRun(runId: string): ProfileRun {
  let run = runs.get(runId);
  if (run === undefined) {
    run = { profile: undefined, rows: new Map(), failures: new Map() };
    runs.set(runId, run);
  }
  return run;
}

/** Forgets a run. */
export function closeProfileRun(runId: string): void {
  runs.delete(runId);
}
