import type { Backlog } from "../pubsub/backlog";
import { formatDuration } from "./format-duration";
import { newestOf } from "./gate-facts";
import { escapeHtml, htmlPage } from "./html-page";
import { changeAccount, loadAccount, plottedRuns, type ReportData } from "./report-data";
import { throughputPlot } from "./report-plot";
import {
  accountSection,
  deadLettersSection,
  filesSection,
  moment,
  runsSection,
  tiles,
  verdictSection,
  verificationSection,
} from "./report-sections";
import { REPORT_STYLE } from "./report-style";

const number = new Intl.NumberFormat("en-US");

/** A migration's report as one HTML page: what was moved, when, and what proves it. */
export function reportPage(data: ReportData): string {
  const { status, runs, database, files } = data;
  const title = `Migration of table ${status.sourceTable}`;
  const load = newestOf(runs, "bulk");
  const account = load === undefined ? undefined : loadAccount(load);
  const changes = changeAccount(runs);
  return htmlPage({
    title,
    style: REPORT_STYLE,
    header: `<h1>${escapeHtml(title)}</h1>
<p>DynamoDB table <code>${escapeHtml(status.sourceTable)}</code> to Spanner <code>${escapeHtml(database)}</code></p>`,
    main: [
      verdictSection(status),
      tiles(data, account, changes),
      runsSection(runs, status.at),
      account === undefined ? "" : accountSection("Load", "items", account, manifestNote(account.expected)),
      changes.streams === 0 ? "" : accountSection("Changes", "messages", changes, ""),
      plots(data),
      `<div class="pair">${verificationSection(status)}${deadLettersSection(status)}</div>`,
      filesSection(
        files,
        load?.details.export?.url ?? "",
        load?.status === "proven" || load?.status === "dead-letters",
      ),
      footer(data),
    ].join("\n"),
  });
}

function manifestNote(expected: number | null): string {
  if (expected === null) return "<br>No manifest: nothing proves that the files are whole and all.";
  return `<br>The export's manifest says ${number.format(expected)} items.`;
}

function plots({ runs }: ReportData): string {
  const figures = plottedRuns(runs)
    .map(throughputPlot)
    .filter((figure) => figure !== "");
  if (figures.length === 0) return "";
  return `<section><h2>Throughput</h2><p>Averages between two samples of each run's progress.</p>
<div class="plots">${figures.join("\n")}</div></section>`;
}

function backlogHtml({ undelivered, oldestSeconds, at }: Backlog): string {
  const messages = undelivered === 1 ? "message" : "messages";
  return `${number.format(undelivered)} ${messages}, the oldest ${formatDuration(oldestSeconds)} old, at ${moment(at)}`;
}

function footer({ status: { subscriptions, load, backlog } }: ReportData): string {
  const sights = subscriptions.map(
    ({ name, seenSince }) =>
      `<code>${escapeHtml(name)}</code>, ${seenSince === null ? "never seen" : `there since ${moment(seenSince)} or before`}`,
  );
  const exported = load?.export?.exportTime ?? null;
  const lines = [
    ...sights.map((sight) => `Subscription ${sight}.`),
    ...(backlog?.backlog ? [`Pub/Sub kept ${backlogHtml(backlog.backlog)} for it.`] : []),
    ...(exported === null ? [] : [`The export shows the table as of ${moment(exported)}.`]),
    "Times are commit times of Spanner, counts what the commands recorded in its table DynamoDB_Runs. No value of any item is on this page.",
  ];
  return `<footer>${lines.map((line) => `<p>${line}</p>`).join("")}</footer>`;
}
