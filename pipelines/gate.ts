import type { RunRow } from "../schema/run-record";
import { counted } from "./counted";
import { formatDuration } from "./format-duration";
import { type GateFacts, isActive, type NoGoReason, newestOf, secondsBetween, sum } from "./gate-facts";
import { verificationReasons } from "./gate-verification";

/** Where a migration stands, in the order of its steps. */
export type Phase = "before the load" | "loading" | "streaming" | "drained" | "verified" | "ready";

export interface Verdict {
  readonly verdict: "GO" | "NO-GO";
  readonly phase: Phase;
  /** None with GO, and only then. */
  readonly reasons: readonly NoGoReason[];
}

/**
 * Whether the application may be switched to Spanner. GO takes positive proof of everything; whatever is missing or not
 * known is a reason against it.
 */
export function judge(facts: GateFacts): Verdict {
  const reasons = facts.recorded
    ? [
        ...activeReasons(facts),
        ...loadReasons(facts),
        ...streamReasons(facts),
        ...subscriptionReasons(facts),
        ...backlogReasons(facts),
        ...deadLetterReasons(facts),
        ...indexReasons(facts),
        ...verificationReasons(facts),
      ]
    : [{ code: "NO_GO_RECORDS_MISSING", message: "the database has no table of runs" } as const];
  return { verdict: reasons.length === 0 ? "GO" : "NO-GO", phase: phaseOf(facts, reasons), reasons };
}

function activeReasons({ runs, at }: GateFacts): readonly NoGoReason[] {
  return runs
    .filter((run) => isActive(run, at))
    .map((run) => ({ code: "NO_GO_RUN_ACTIVE", message: `${run.command} ${run.runId} is running` }));
}

function loadReasons({ runs, at }: GateFacts): readonly NoGoReason[] {
  const load = newestOf(runs, "bulk");
  if (load === undefined) return [{ code: "NO_GO_LOAD_MISSING", message: "no load is recorded" }];
  if (load.status === "handed-over") {
    return [{ code: "NO_GO_LOAD_UNKNOWN", message: `load ${load.runId} was left to ${load.details.runner}` }];
  }
  const incremental = newestOf(runs, "incremental");
  return [load, ...(incremental === undefined ? [] : [incremental])]
    .filter((run) => !isActive(run, at) && !isLoaded(run))
    .map((run) => ({ code: "NO_GO_LOAD_UNFINISHED", message: `${run.command} ${howEnded(run, at)}` }));
}

/** Without a manifest a load proves nothing, and with dead letters not all: other rules ask for what is missing then. */
function isLoaded({ status, endedAt }: RunRow): boolean {
  return endedAt !== null && (status === "proven" || status === "unproven" || status === "dead-letters");
}

/** Incremental exports may stand in place of a stream: that they came to their end is asked above. */
function streamReasons({ runs, at, drainedForSeconds }: GateFacts): readonly NoGoReason[] {
  const stream = newestOf(runs, "stream");
  if (stream === undefined) {
    if (newestOf(runs, "bulk")?.details.exclusive === true || newestOf(runs, "incremental") !== undefined) return [];
    return [{ code: "NO_GO_STREAM_MISSING", message: "no stream is recorded" }];
  }
  if (isActive(stream, at)) return [];
  const { status, endedAt, details } = stream;
  if (endedAt === null || (status !== "proven" && status !== "dead-letters")) {
    return [{ code: "NO_GO_STREAM_FAILED", message: `stream ${howEnded(stream, at)}` }];
  }
  const { flow } = details;
  const code = "NO_GO_STREAM_NOT_DRAINED";
  if (flow === undefined) return [{ code, message: `stream ${stream.runId} tells nothing of what it held` }];
  if (flow.held > 0) return [{ code, message: `stream ${stream.runId} gave back ${counted(flow.held, "message")}` }];
  if (flow.lostSince !== null) return [{ code, message: `Pub/Sub was out of reach at the end of ${stream.runId}` }];
  if (flow.quietSeconds >= drainedForSeconds) return [];
  const quiet = `at its end no message had come for ${Math.floor(flow.quietSeconds)} s, not ${drainedForSeconds} s`;
  return [{ code, message: `stream ${stream.runId}: ${quiet}` }];
}

function howEnded({ runId, status, endedAt, recordedAt, details }: RunRow, at: string): string {
  if (endedAt === null) {
    return `${runId} has given no sign of life for ${formatDuration(secondsBetween(recordedAt, at))}`;
  }
  return `${runId} ended as ${status}${details.failure === null ? "" : ` (${details.failure})`}`;
}

/**
 * Pub/Sub does not tell when a subscription was made, so it must have been seen before the export. A verification of the
 * whole live table would have found what was lost between them: it settles the question.
 */
function subscriptionReasons(facts: GateFacts): readonly NoGoReason[] {
  const load = newestOf(facts.runs, "bulk");
  if (load === undefined || load.details.exclusive === true) return [];
  if (newestOf(facts.runs, "stream") === undefined && newestOf(facts.runs, "incremental") !== undefined) return [];
  const verified = newestOf(facts.runs, "verify")?.details.verification?.against === "table";
  if (verified && verificationReasons(facts).length === 0) return [];
  const code = "NO_GO_SUBSCRIPTION_UNPROVEN";
  const exportTime = load.details.export?.exportTime ?? null;
  if (exportTime === null) return [{ code, message: `nothing tells of what time the export of ${load.runId} is` }];
  if (facts.subscriptions.length === 0) return [{ code, message: "no subscription is known" }];
  return facts.subscriptions
    .filter(({ seenSince }) => seenSince === null || Date.parse(seenSince) >= Date.parse(exportTime))
    .map(({ name, seenSince }) => ({
      code,
      message: `${name} was first seen ${seenSince ?? "never"}; the export is of ${exportTime}`,
    }));
}

/**
 * Messages that were waiting after the newest stream had ended tell of writers that had not stopped. A measurement from before
 * its end tells nothing, nor does none: the verification decides.
 */
function backlogReasons({ runs, backlog: reading }: GateFacts): readonly NoGoReason[] {
  const backlog = reading?.backlog ?? null;
  const ended = newestOf(runs, "stream")?.endedAt ?? null;
  if (reading === null || backlog === null || ended === null) return [];
  if (backlog.undelivered === 0 || Date.parse(backlog.at) <= Date.parse(ended)) return [];
  const message = `${reading.subscription} held ${counted(backlog.undelivered, "message")} at ${backlog.at}, after the stream`;
  return [{ code: "NO_GO_MESSAGES_WAITING", message }];
}

function deadLetterReasons({ folders }: GateFacts): readonly NoGoReason[] {
  return folders.flatMap(({ url, recorded, open, done, problem }): readonly NoGoReason[] => {
    if (problem !== null) return [{ code: "NO_GO_DEAD_LETTERS_UNKNOWN", message: `${url}: ${problem}` }];
    const there = sum(open) + sum(done);
    const reasons: NoGoReason[] = [];
    if (sum(open) > 0) {
      const codes = Object.entries(open).map(([code, count]) => `${count} ${code}`);
      const message = `${counted(sum(open), "dead letter")} in ${url}: ${codes.join(", ")}`;
      reasons.push({ code: "NO_GO_DEAD_LETTERS_OPEN", message });
    }
    if (there < recorded) {
      const message = `${url} holds ${counted(there, "dead letter")} (with done/), ${recorded} are recorded`;
      reasons.push({ code: "NO_GO_DEAD_LETTERS_UNKNOWN", message });
    }
    return reasons;
  });
}

function indexReasons({ indexProblems }: GateFacts): readonly NoGoReason[] {
  return indexProblems.length === 0 ? [] : [{ code: "NO_GO_INDEXES_MISSING", message: indexProblems.join("; ") }];
}

function phaseOf(facts: GateFacts, reasons: readonly NoGoReason[]): Phase {
  const { runs, at } = facts;
  const load = newestOf(runs, "bulk");
  if (load === undefined) return "before the load";
  if (reasons.length === 0) return "ready";
  if (isActive(load, at) || !isLoaded(load)) return "loading";
  if (runs.some((run) => run.command === "stream" && isActive(run, at)) || streamReasons(facts).length > 0) {
    return "streaming";
  }
  return verificationReasons(facts).length > 0 ? "drained" : "verified";
}
