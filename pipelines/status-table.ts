import Table from "cli-table3";
import { formatDuration } from "./format-duration";
import { sum } from "./gate-facts";
import type { RunStatusReport, StatusReport } from "./status-report";

const number = new Intl.NumberFormat("en-US");

/** The report as a person reads it: a table, then each reason and warning with its remedy. */
export function renderStatus(report: StatusReport): string {
  const { verdict, phase, sourceTable, reasons, warnings } = report;
  const table = new Table({ style: { head: [], border: [] }, wordWrap: true, colWidths: [16, 96] });
  table.push(
    ["table", sourceTable],
    ["phase", phase],
    ["load", loadText(report)],
    ["stream", streamText(report)],
    ["dead letters", deadLettersText(report)],
    ["verification", verificationText(report)],
    ["subscription", subscriptionText(report)],
    ["verdict", verdict === "GO" ? "GO" : `NO-GO: ${reasons.length === 1 ? "1 reason" : `${reasons.length} reasons`}`],
  );
  const lines = [...reasons, ...warnings].map(({ code, message, remedy }) => `${code}: ${message}\n  ${remedy}\n`);
  return `${table.toString()}\n${lines.join("")}`;
}

function runText({ runId, state, ageSeconds, rate }: RunStatusReport, counts: readonly string[]): string {
  const age = formatDuration(ageSeconds);
  const when = state === "active" ? `last sign of life ${age} ago` : `${state}, ${age} ago`;
  const pace = state === "active" && rate !== null ? [`${number.format(Math.round(rate))} a second`] : [];
  return [`${state === "active" ? "active, " : ""}${when}`, ...counts, ...pace, runId].join(", ");
}

function counts(run: RunStatusReport, names: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(names).flatMap(([name, words]) => {
    const count = run.counts[name];
    return count === undefined || (count === 0 && name !== "written" && name !== "equal")
      ? []
      : [`${number.format(count)} ${words}`];
  });
}

const WRITTEN = {
  written: "rows written",
  stale: "stale",
  filtered: "filtered",
  deadLettered: "dead letters",
} as const;

function loadText({ load }: StatusReport): string {
  if (load === null) return "none is recorded";
  const items = load.export?.items ?? null;
  const of = items === null ? [] : [`${number.format(items)} items by the manifest`];
  return runText(load, [...counts(load, WRITTEN), ...of]);
}

function streamText({ stream }: StatusReport): string {
  if (stream === null) return "none is recorded";
  const text = runText(stream, counts(stream, { ...WRITTEN, waiting: "waiting" }));
  if (stream.flow === null) return text;
  const { held, lagSeconds, quietSeconds, lostSince } = stream.flow;
  const reach = lostSince === null ? "" : `, Pub/Sub out of reach since ${lostSince}`;
  const flow = `${number.format(held)} messages held, lag ${formatDuration(lagSeconds)}, no message for ${formatDuration(quietSeconds)}`;
  return `${text}\n${flow}${reach}`;
}

function deadLettersText({ deadLetters: { folders } }: StatusReport): string {
  return folders
    .map(({ url, open, done, problem }) =>
      problem === null
        ? `${number.format(sum(open))} open, ${number.format(sum(done))} done in ${url}`
        : `unknown in ${url}`,
    )
    .join("\n");
}

function verificationText({ verification }: StatusReport): string {
  if (verification === null) return "none is recorded";
  const { compared } = verification;
  const names = { equal: "equal", different: "different", missing: "missing", extra: "extra", behind: "behind" };
  const against = compared === null ? [] : [`against ${compared.against} ${compared.source}`];
  const sample = compared === null || compared.sample === 100 ? [] : [`a sample of ${compared.sample} %`];
  return runText(verification, [...counts(verification, names), ...against, ...sample]);
}

function subscriptionText({ subscriptions, load, backlog }: StatusReport): string {
  if (subscriptions.length === 0) return "none is known";
  const exported = load?.export?.exportTime ?? null;
  return [
    ...subscriptions.map(
      ({ name, seenSince }) => `${name}, ${seenSince === null ? "never seen" : `there since ${seenSince} or before`}`,
    ),
    ...(exported === null ? [] : [`the export is of ${exported}`]),
    ...(backlog === null ? [] : [`in Pub/Sub: ${backlogText(backlog)}`]),
  ].join("\n");
}

function backlogText({ backlog, problem }: NonNullable<StatusReport["backlog"]>): string {
  if (backlog === null) return `unknown (${problem})`;
  const { undelivered, oldestSeconds, at } = backlog;
  return `${number.format(undelivered)} messages, the oldest ${formatDuration(oldestSeconds)} old, at ${at}`;
}
