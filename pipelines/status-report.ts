import { noGoReasons, statusWarnings } from "../errors/status-codes";
import type { RunRow } from "../schema/run-record";
import type { Phase, Verdict } from "./gate";
import { type GateFacts, isActive, newestOf, secondsBetween, sum } from "./gate-facts";
import type { StatusWarning } from "./subscription-sight";

/** A run, as `status --json` gives it. */
export interface RunStatusReport {
  readonly runId: string;
  /** `active` while it gives signs of life, `lost` if it has given none for a minute, else how it ended. */
  readonly state: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Seconds since its end, or since its last sign of life. */
  readonly ageSeconds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Items, changes or rows a second, of late; null if that is not known. */
  readonly rate: number | null;
}

/** What the newest stream says of the way of the changes. */
export interface FlowReport {
  readonly subscription: string;
  readonly held: number;
  /** Age of the oldest message that it holds; 0 if it holds none. Messages that Pub/Sub still keeps are not seen. */
  readonly lagSeconds: number;
  /** Publish time of the newest message whose change is committed. */
  readonly newestApplied: string | null;
  /** For how long no message has come, when it last said so. */
  readonly quietSeconds: number;
  readonly lostSince: string | null;
}

export interface VerificationReport {
  readonly against: string;
  readonly source: string;
  readonly sample: number;
}

/** What `status --json` prints. */
export interface StatusReport {
  readonly command: "status";
  readonly verdict: "GO" | "NO-GO";
  readonly phase: Phase;
  readonly sourceTable: string;
  /** By Spanner's clock. */
  readonly at: string;
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly load: (RunStatusReport & { readonly export: RunRow["details"]["export"] | null }) | null;
  readonly stream: (RunStatusReport & { readonly flow: FlowReport | null }) | null;
  readonly verification: (RunStatusReport & { readonly compared: VerificationReport | null }) | null;
  readonly deadLetters: { readonly open: number; readonly folders: GateFacts["folders"] };
  readonly subscriptions: GateFacts["subscriptions"];
  readonly backlog: GateFacts["backlog"];
}

/** Brings facts, verdict and warnings into the form that is printed. */
export function statusReport(facts: GateFacts, verdict: Verdict, warnings: readonly StatusWarning[]): StatusReport {
  const { runs, at, folders, subscriptions, sourceTable, backlog } = facts;
  const load = newestOf(runs, "bulk");
  const stream = newestOf(runs, "stream");
  const verification = newestOf(runs, "verify");
  return {
    command: "status",
    verdict: verdict.verdict,
    phase: verdict.phase,
    sourceTable,
    at,
    reasons: verdict.reasons.map((reason) => ({ ...reason, remedy: noGoReasons[reason.code].remedy })),
    warnings: [...warnings, ...runWarnings(facts, load)].map((warning) => ({
      ...warning,
      remedy: statusWarnings[warning.code].remedy,
    })),
    load: load === undefined ? null : { ...runReport(load, at), export: load.details.export ?? null },
    stream: stream === undefined ? null : { ...runReport(stream, at), flow: flowReport(stream, at) },
    verification:
      verification === undefined ? null : { ...runReport(verification, at), compared: comparedReport(verification) },
    deadLetters: { open: folders.reduce((all, { open }) => all + sum(open), 0), folders },
    subscriptions,
    backlog,
  };
}

function runReport(run: RunRow, at: string): RunStatusReport {
  const { runId, status, startedAt, endedAt, recordedAt, details } = run;
  const unfinished = isActive(run, at) ? "active" : "lost";
  return {
    runId,
    state: endedAt === null ? unfinished : status,
    startedAt,
    endedAt,
    ageSeconds: Math.max(0, secondsBetween(endedAt ?? recordedAt, at)),
    counts: details.counts,
    rate: details.rate,
  };
}

function flowReport(run: RunRow, at: string): FlowReport | null {
  const { flow } = run.details;
  if (flow === undefined) return null;
  const { oldestHeld, oldestApplied: _, ...kept } = flow;
  // Of a stream that has ended, messages that it gave back grow no older here.
  const until = isActive(run, at) ? at : run.recordedAt;
  return { ...kept, lagSeconds: oldestHeld === null ? 0 : Math.max(0, secondsBetween(oldestHeld, until)) };
}

function comparedReport({ details }: RunRow): VerificationReport | null {
  if (details.verification === undefined) return null;
  const { against, source, sample } = details.verification;
  return { against, source, sample };
}

/** What does not decide, but is better known. */
function runWarnings({ runs, mappingHash, at }: GateFacts, load: RunRow | undefined): readonly StatusWarning[] {
  const warnings: StatusWarning[] = [];
  for (const run of runs) {
    const { runId, command, status, endedAt, details } = run;
    if (details.runner === "direct" || runId === load?.runId) continue;
    const lost = endedAt === null && !isActive(run, at);
    if (status !== "handed-over" && !lost) continue;
    warnings.push({ code: "WARN_HANDED_OVER", message: `${command} ${runId} was left to ${details.runner}` });
  }
  if (load !== undefined && load.mappingHash !== mappingHash) {
    warnings.push({ code: "WARN_LOAD_OTHER_MAPPING", message: `load ${load.runId} had another mapping` });
  }
  return warnings;
}
