import type { NoGoCode } from "../errors/status-codes";
import type { RunRow } from "../schema/run-record";
import type { BacklogReading } from "./ask-backlog";

/** One reason against a cut-over. */
export interface NoGoReason {
  readonly code: NoGoCode;
  readonly message: string;
}

/** The dead letters of one folder. */
export interface FolderOfLetters {
  /** Its address. */
  readonly url: string;
  /** How many the loads and streams have recorded. */
  readonly recorded: number;
  /** Dead letters by code: those that are open, and those that `replay` has moved to `done/`. */
  readonly open: Readonly<Record<string, number>>;
  readonly done: Readonly<Record<string, number>>;
  /** Why the folder can't be read; then the counts are empty. */
  readonly problem: string | null;
}

/** A subscription as it is now. */
export interface SubscriptionSight {
  /** `projects/…/subscriptions/…` */
  readonly name: string;
  /** Earliest moment at which it is known to have been there: RFC 3339; null if nothing tells. */
  readonly seenSince: string | null;
}

/** All that the verdict rests on. */
export interface GateFacts {
  /** Now, by Spanner's clock: RFC 3339. */
  readonly at: string;
  readonly sourceTable: string;
  readonly mappingHash: string;
  /** False if the database has no table of runs. */
  readonly recorded: boolean;
  readonly runs: readonly RunRow[];
  readonly folders: readonly FolderOfLetters[];
  /** Indexes of the mapping that are not there as they should be: one phrase each. */
  readonly indexProblems: readonly string[];
  readonly subscriptions: readonly SubscriptionSight[];
  /** What Pub/Sub keeps for the subscription that was asked about; null: none was. */
  readonly backlog: BacklogReading | null;
  readonly drainedForSeconds: number;
  readonly verifiedWithinSeconds: number;
}

/** Without a sign of life for so long, a run that is recorded as running was killed or has lost its database. */
const ALIVE_SECONDS = 60;

/** Seconds from one time (RFC 3339) to another. */
export function secondsBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 1000;
}

/** True if a run goes on, as far as its last sign of life tells. */
export function isActive(run: RunRow, at: string): boolean {
  return run.endedAt === null && secondsBetween(run.recordedAt, at) <= ALIVE_SECONDS;
}

/** The run of a command that began last. */
export function newestOf(runs: readonly RunRow[], command: RunRow["command"]): RunRow | undefined {
  return runs
    .filter((run) => run.command === command)
    .toSorted((left, right) => (beginning(left) < beginning(right) ? -1 : 1))
    .at(-1);
}

/** Of a run whose beginning is not known, the only time there is. */
function beginning({ startedAt, recordedAt }: RunRow): string {
  return startedAt ?? recordedAt;
}

/** True for runs that may have written rows. */
export function writes({ command, details }: RunRow): boolean {
  return (
    command === "bulk" ||
    command === "incremental" ||
    command === "stream" ||
    command === "replay" ||
    details.verification?.repair === true
  );
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
