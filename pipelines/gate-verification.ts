import type { RunRow } from "../schema/run-record";
import { formatDuration } from "./format-duration";
import { type GateFacts, isActive, type NoGoReason, newestOf, secondsBetween, writes } from "./gate-facts";

/** What is wrong with the newest verification as a proof that every row is as its item is now. */
export function verificationReasons(facts: GateFacts): readonly NoGoReason[] {
  const run = newestOf(facts.runs, "verify");
  if (run === undefined) return [{ code: "NO_GO_VERIFICATION_MISSING", message: "no verification is recorded" }];
  return [...outcomeReasons(run, facts.at), ...scopeReasons(run, facts), ...ageReasons(run, facts)];
}

function outcomeReasons(run: RunRow, at: string): readonly NoGoReason[] {
  const { runId, status, endedAt, details } = run;
  const { different = 0, missing = 0, extra = 0, behind = 0, repaired = 0 } = details.counts;
  if (endedAt === null || !["equal", "behind", "different"].includes(status)) {
    const state = isActive(run, at) ? "is not at its end" : `ended as ${endedAt === null ? "lost" : status}`;
    return [{ code: "NO_GO_VERIFICATION_FAILED", message: `verification ${runId} ${state}` }];
  }
  const reasons: NoGoReason[] = [];
  if (status === "different" || different + missing + extra > 0) {
    const message = `${different} rows differ, ${missing} are missing, ${extra} have no item (${runId})`;
    reasons.push({ code: "NO_GO_VERIFICATION_DIFFERENT", message });
  }
  if (status === "behind" || behind > 0) {
    reasons.push({ code: "NO_GO_VERIFICATION_BEHIND", message: `${behind} rows were behind (${runId})` });
  }
  if (repaired > 0) {
    reasons.push({ code: "NO_GO_VERIFICATION_REPAIRED", message: `${repaired} rows were repaired (${runId})` });
  }
  return reasons;
}

function scopeReasons({ runId, mappingHash, details }: RunRow, facts: GateFacts): readonly NoGoReason[] {
  const { verification } = details;
  const reasons: NoGoReason[] = [];
  if (verification === undefined || verification.sample < 100) {
    const share = verification === undefined ? "an unknown share" : `${verification.sample} %`;
    reasons.push({ code: "NO_GO_VERIFICATION_SAMPLE", message: `${share} of the rows were compared (${runId})` });
  }
  if (mappingHash !== facts.mappingHash) {
    reasons.push({ code: "NO_GO_VERIFICATION_OTHER_MAPPING", message: `${runId} had another mapping` });
  }
  if (verification === undefined || !provesSource(verification, facts)) {
    const what = verification === undefined ? "something unknown" : `${verification.against} ${verification.source}`;
    reasons.push({ code: "NO_GO_VERIFICATION_SOURCE", message: `${runId} compared with ${what}` });
  }
  return reasons;
}

type Verification = NonNullable<RunRow["details"]["verification"]>;

/** An export stands for the table if nothing writes to the table, and if the export is known to be whole. */
function provesSource({ against, source }: Verification, { runs, sourceTable }: GateFacts): boolean {
  if (against === "table") return tableName(source) === sourceTable;
  const load = newestOf(runs, "bulk");
  const { exclusive, export: loaded } = load?.details ?? {};
  return (
    exclusive === true &&
    newestOf(runs, "stream") === undefined &&
    newestOf(runs, "incremental") === undefined &&
    (load?.status === "proven" || load?.status === "dead-letters") &&
    loaded?.url === source
  );
}

/** DynamoDB takes the name or the ARN (`arn:aws:dynamodb:region:account:table/Name`). */
function tableName(source: string): string {
  return source.startsWith("arn:") ? source.slice(source.indexOf("/") + 1) : source;
}

function ageReasons(run: RunRow, { runs, at, verifiedWithinSeconds }: GateFacts): readonly NoGoReason[] {
  const { runId, startedAt, endedAt } = run;
  const reasons: NoGoReason[] = [];
  const code = "NO_GO_VERIFICATION_OUTDATED";
  if (startedAt === null) reasons.push({ code, message: `nothing tells when ${runId} began` });
  else {
    for (const writer of runs) {
      const last = writer.endedAt ?? writer.recordedAt;
      if (writer.runId === runId || !writes(writer) || Date.parse(last) < Date.parse(startedAt)) continue;
      reasons.push({ code, message: `${writer.command} ${writer.runId} went on until ${last}, ${runId} began before` });
    }
  }
  const age = endedAt === null ? 0 : secondsBetween(endedAt, at);
  if (age > verifiedWithinSeconds) {
    const message = `${runId} ended ${formatDuration(age)} ago, more than ${formatDuration(verifiedWithinSeconds)}`;
    reasons.push({ code: "NO_GO_VERIFICATION_OLD", message });
  }
  return reasons;
}
