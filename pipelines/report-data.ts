import type { RunFiles, RunRow } from "../schema/run-record";
import { newestOf } from "./gate-facts";
import type { StatusReport } from "./status-report";

/** All that a migration's report shows. */
export interface ReportData {
  /** `projects/…/instances/…/databases/…` */
  readonly database: string;
  readonly status: StatusReport;
  /** In the order of their beginnings; without notes of subscriptions. */
  readonly runs: readonly RunRow[];
  /** Of the newest load. */
  readonly files: RunFiles;
}

/** The accounting identity of a load: `read = written + stale + filtered + deadLettered`, and what the manifest says. */
export interface LoadAccount {
  readonly expected: number | null;
  readonly read: number;
  readonly outcomes: readonly { readonly name: string; readonly count: number }[];
  /** Whether both hold. */
  readonly holds: boolean;
}

export function loadAccount({ details }: RunRow): LoadAccount {
  const { read = 0, written = 0, stale = 0, filtered = 0, deadLettered = 0 } = details.counts;
  const expected = details.export?.items ?? null;
  return {
    expected,
    read,
    outcomes: [
      { name: "written", count: written },
      { name: "stale", count: stale },
      { name: "filtered", count: filtered },
      { name: "dead-lettered", count: deadLettered },
    ],
    holds: read === written + stale + filtered + deadLettered && (expected === null || expected === read),
  };
}

/** What all streams together have done. */
export interface ChangeAccount {
  readonly streams: number;
  readonly read: number;
  readonly outcomes: readonly { readonly name: string; readonly count: number }[];
  readonly holds: boolean;
}

const OUTCOMES = {
  applied: "applied",
  stale: "stale",
  superseded: "superseded",
  filtered: "filtered",
  expired: "expired",
  deadLettered: "dead-lettered",
  waiting: "waiting",
} as const;

export function changeAccount(runs: readonly RunRow[]): ChangeAccount {
  const streams = runs.filter(({ command }) => command === "stream");
  const total = (name: string) => streams.reduce((sum, { details }) => sum + (details.counts[name] ?? 0), 0);
  const outcomes = Object.entries(OUTCOMES).map(([name, words]) => ({ name: words, count: total(name) }));
  const read = total("read");
  return {
    streams: streams.length,
    read,
    outcomes,
    holds: read === outcomes.reduce((sum, { count }) => sum + count, 0),
  };
}

/** The newest run of each command that has samples of its progress. */
export function plottedRuns(runs: readonly RunRow[]): readonly RunRow[] {
  const longest = (["bulk", "incremental", "stream", "verify"] as const).flatMap((command) => {
    const withSamples = runs.filter((run) => run.command === command && run.details.samples.length > 1);
    // Of streams the one that has done most: the last one only drains.
    if (command !== "stream") return newestOf(withSamples, command) ?? [];
    return withSamples.toSorted((left, right) => doneBy(right) - doneBy(left)).slice(0, 1);
  });
  return longest.filter((run) => doneBy(run) > 0);
}

function doneBy({ details }: RunRow): number {
  return details.samples.at(-1)?.[1] ?? 0;
}
