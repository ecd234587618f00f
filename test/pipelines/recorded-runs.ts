import type { RunDetails, RunRow } from "../../schema/run-record";

/** A moment of the made-up day of a migration: minutes after midnight. */
export function minute(minutes: number): string {
  return new Date(Date.UTC(2026, 0, 31, 0, 0, 0) + minutes * 60_000).toISOString();
}

const details: RunDetails = {
  counts: {},
  samples: [],
  rate: null,
  machine: "here",
  runner: "direct",
  deadLetters: null,
  failure: null,
};

export const MAPPING = "mapping-1";
export const SUBSCRIPTION = "projects/p/subscriptions/s";
export const FOLDER = "/dead-letters";

type Change = Partial<Omit<RunRow, "details">> & { readonly details?: Partial<RunDetails> };

function run(base: RunRow, change: Change): RunRow {
  return { ...base, ...change, details: { ...base.details, ...change.details } };
}

const base = { sourceTable: "Orders", mappingHash: MAPPING } as const;

/** A look at the subscription before the export. */
export function preflightRun(change: Change = {}): RunRow {
  const times = { startedAt: minute(0), recordedAt: minute(0), endedAt: minute(0) };
  const flow = { subscription: SUBSCRIPTION, held: 0, oldestHeld: null, oldestApplied: null, newestApplied: null };
  const row: RunRow = {
    ...{ ...base, ...times, runId: "subscription-1", command: "preflight", status: "seen" },
    details: { ...details, flow: { ...flow, quietSeconds: 0, lostSince: null } },
  };
  return run(row, change);
}

/** A load of 100 items that is proven. */
export function loadRun(change: Change = {}): RunRow {
  const row: RunRow = {
    ...{ ...base, runId: "load-1", command: "bulk", status: "proven" },
    ...{ startedAt: minute(20), recordedAt: minute(30), endedAt: minute(30) },
    details: {
      ...details,
      counts: { read: 100, written: 100, stale: 0, filtered: 0, deadLettered: 0 },
      deadLetters: FOLDER,
      exclusive: false,
      export: { url: "gs://b/AWSDynamoDB/1", items: 100, files: 4, exportTime: minute(10) },
    },
  };
  return run(row, change);
}

/** A stream that was stopped when nothing came any more. */
export function streamRun(change: Change = {}): RunRow {
  const row: RunRow = {
    ...{ ...base, runId: "stream-1", command: "stream", status: "proven" },
    ...{ startedAt: minute(21), recordedAt: minute(60), endedAt: minute(60) },
    details: {
      ...details,
      counts: { read: 50, applied: 50, written: 50, deadLettered: 0 },
      deadLetters: FOLDER,
      flow: {
        subscription: SUBSCRIPTION,
        ...{ held: 0, oldestHeld: null, oldestApplied: minute(5), newestApplied: minute(50) },
        ...{ quietSeconds: 120, lostSince: null },
      },
    },
  };
  return run(row, change);
}

/** A whole verification against the live table that found nothing. */
export function verifyRun(change: Change = {}): RunRow {
  const row: RunRow = {
    ...{ ...base, runId: "verify-1", command: "verify", status: "equal" },
    ...{ startedAt: minute(70), recordedAt: minute(80), endedAt: minute(80) },
    details: {
      ...details,
      counts: { read: 120, equal: 120, different: 0, missing: 0, extra: 0, behind: 0, repaired: 0 },
      verification: { against: "table", source: "Orders", sample: 100, repair: false },
    },
  };
  return run(row, change);
}
