import { type ErrorDescription, errorCatalogue } from "../errors/codes";
import type { RunFiles, RunRow } from "../schema/run-record";
import { formatDuration } from "./format-duration";
import { secondsBetween, sum } from "./gate-facts";
import { cssPercent, escapeHtml, percentHtml } from "./html-page";
import type { ChangeAccount, LoadAccount, ReportData } from "./report-data";
import type { StatusReport } from "./status-report";

const number = new Intl.NumberFormat("en-US");

/** GO or NO-GO, with each reason. */
export function verdictSection({ verdict, phase, reasons, warnings, at }: StatusReport): string {
  const items = [...reasons, ...warnings].map(
    ({ code, message, remedy }) =>
      `<li><code>${escapeHtml(code)}</code> ${escapeHtml(message)}<br><span class="soft">${withCode(remedy)}</span></li>`,
  );
  const list = items.length === 0 ? "" : `<ul>${items.join("")}</ul>`;
  const words =
    verdict === "GO" ? "everything was proven" : reasons.length === 1 ? "one reason" : `${reasons.length} reasons`;
  return `<section class="verdict ${verdict === "GO" ? "go" : "no-go"}">
<p class="word">${verdict}</p><p class="why">${escapeHtml(phase)}, as of ${moment(at)}: ${words}</p>${list}</section>`;
}

/** Escaped text, with what stands between backquotes as code. */
function withCode(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** The numbers that matter most. */
export function tiles({ status }: ReportData, load: LoadAccount | undefined, changes: ChangeAccount): string {
  const { verification, deadLetters } = status;
  const compared = verification?.counts["equal"];
  const wrong = ["different", "missing", "extra", "behind"].reduce(
    (all, name) => all + (verification?.counts[name] ?? 0),
    0,
  );
  const tile = (value: string, words: string, good?: boolean) =>
    `<div class="tile${good === undefined ? "" : good ? " good" : " bad"}"><b>${value}</b><span>${words}</span></div>`;
  const applied = changes.outcomes.find(({ name }) => name === "applied")?.count ?? 0;
  return `<section class="tiles">
${tile(load === undefined ? "–" : number.format(load.read), load === undefined ? "no load" : loadedWords(load), load?.holds)}
${tile(number.format(applied), `changes applied by ${counted(changes.streams, "stream")}`, changes.streams === 0 ? undefined : changes.holds)}
${tile(number.format(deadLetters.open), "dead letters open", deadLetters.open === 0)}
${tile(compared === undefined ? "–" : number.format(compared), verification === null ? "nothing verified" : `rows found equal, ${number.format(wrong)} not`, verification === null ? undefined : verification.state === "equal")}
</section>`;
}

function loadedWords({ expected }: LoadAccount): string {
  return expected === null ? "items loaded, without a manifest" : `items loaded of ${number.format(expected)}`;
}

/** Every run with its time, beside the others. */
export function runsSection(recorded: readonly RunRow[], at: string): string {
  const beginning = ({ startedAt, recordedAt }: RunRow) => startedAt ?? recordedAt;
  const runs = recorded.toSorted((left, right) => Date.parse(beginning(left)) - Date.parse(beginning(right)));
  if (runs[0] === undefined) return "";
  const first = beginning(runs[0]);
  const whole = Math.max(1, ...runs.map((run) => secondsBetween(first, run.endedAt ?? run.recordedAt)));
  const rows = runs.map((run) => {
    const begin = beginning(run);
    const seconds = secondsBetween(begin, run.endedAt ?? run.recordedAt);
    const left = cssPercent(secondsBetween(first, begin) / whole);
    const width = cssPercent(seconds / whole);
    const failure = run.details.failure === null ? "" : ` <code>${escapeHtml(run.details.failure)}</code>`;
    return `<article class="run ${run.command}">
<h3>${escapeHtml(run.command)} <span class="chip ${chipClass(run.status)}">${escapeHtml(run.endedAt === null ? "running or lost" : run.status)}</span>${failure}</h3>
<p>${run.startedAt === null ? "beginning unknown" : moment(run.startedAt)}, <span class="together">${formatDuration(seconds)}</span>${run.details.runner === "direct" ? "" : `, ${escapeHtml(run.details.runner)}`}</p>
<p class="counts">${countWords(run)}</p>
<div class="track"><i style="left:${left};width:${width}"></i></div>
</article>`;
  });
  return `<section><h2>Runs</h2><p>From ${moment(first)} to ${moment(at)}, when this report was made. The bars lie side by side in time.</p>
<div class="runs">${rows.join("\n")}</div></section>`;
}

function chipClass(status: RunRow["status"]): string {
  if (status === "proven" || status === "equal") return "good";
  return status === "failed" || status === "unaccounted" || status === "different" ? "bad" : "middling";
}

function countWords({ details }: RunRow): string {
  const { windows: _, ...counts } = details.counts;
  // A stream's `written` is the same as its `applied`.
  const shown = Object.entries(counts).filter(
    ([name, count]) => count > 0 && !(name === "written" && "applied" in counts),
  );
  return (
    shown
      .map(([name, count]) => `<span class="together">${number.format(count)} ${escapeHtml(inWords(name))}</span>`)
      .join(" · ") || "nothing"
  );
}

/** `deadLettered` → `dead lettered` */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** An accounting identity, as numbers and as a bar. */
export function accountSection(
  title: string,
  what: string,
  { read, outcomes, holds }: Pick<LoadAccount, "read" | "outcomes" | "holds">,
  note: string,
): string {
  const parts = outcomes.filter(({ count }, index) => count > 0 || index === 0);
  const bar = parts.map(
    ({ name, count }, index) =>
      `<i class="part-${index}" style="flex:${count}" title="${escapeHtml(`${name}: ${number.format(count)}`)}"></i>`,
  );
  const legend = parts.map(
    ({ name, count }, index) =>
      `<li><i class="part-${index}"></i><b>${number.format(count)}</b> ${escapeHtml(name)} <span class="soft">${percentHtml(read === 0 ? 0 : count / read)}</span></li>`,
  );
  const equation = `${number.format(read)} = ${outcomes.map(({ count }) => number.format(count)).join(" + ")}`;
  return `<section><h2>${escapeHtml(title)}</h2>
<p class="identity"><b>${number.format(read)}</b> ${escapeHtml(what)} read <span class="chip ${holds ? "good" : "bad"}">${holds ? "adds up" : "does not add up"}</span></p>
<div class="stack">${bar.join("")}</div><ul class="legend">${legend.join("")}</ul>
<p><code>read = ${outcomes.map(({ name }) => escapeHtml(name)).join(" + ")}</code><br><code>${equation}</code>${note}</p></section>`;
}

/**
 * The data files of the newest load, each with its checksum.
 * @param proven whether the load came to its end, and each file with it
 */
export function filesSection({ files, leftOut }: RunFiles, source: string, proven: boolean): string {
  if (files.length === 0) return "";
  const prefix = source === "" ? "" : `${source}/`;
  const rows = files.map((file) => {
    const name = file.file.startsWith(prefix) ? file.file.slice(prefix.length) : file.file;
    const cells = [file.read, file.written, file.stale, file.filtered, file.deadLettered].map(
      (count) => `<td>${number.format(count)}</td>`,
    );
    const md5 = file.md5 === null ? "no checksum" : `MD5 ${file.md5}`;
    return `<tr><th scope="row"><code>${escapeHtml(name)}</code><small>${escapeHtml(md5)}</small></th>${cells.join("")}</tr>`;
  });
  const more = leftOut === 0 ? "" : `<p>${number.format(leftOut)} more files are not listed.</p>`;
  return `<section><h2>Files of the export</h2><p>${counted(files.length + leftOut, "file")} of <code>${escapeHtml(source)}</code>. ${
    proven
      ? "Each was read to its end and found as its checksum in the manifest says."
      : "The checksums are those of the manifest; that all files were found so is not proven."
  }</p>
<div class="scroll"><table><thead><tr><th scope="col">file</th><th scope="col">read</th><th scope="col">written</th><th scope="col">stale</th><th scope="col">filtered</th><th scope="col">dead letters</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div>${more}</section>`;
}

/** Dead letters by their reason. */
export function deadLettersSection({ deadLetters: { folders } }: StatusReport): string {
  const codes = new Map<string, { open: number; done: number }>();
  for (const { open, done } of folders) {
    for (const code of new Set([...Object.keys(open), ...Object.keys(done)])) {
      const known = codes.get(code) ?? { open: 0, done: 0 };
      codes.set(code, { open: known.open + (open[code] ?? 0), done: known.done + (done[code] ?? 0) });
    }
  }
  const places = folders.map(({ url, open, done, recorded, problem }) => {
    const state =
      problem === null
        ? `${number.format(sum(open))} open, ${number.format(sum(done))} done, ${number.format(recorded)} recorded`
        : `unknown: ${problem}`;
    return `<li><code>${escapeHtml(url)}</code>: ${escapeHtml(state)}</li>`;
  });
  const descriptions: Readonly<Record<string, ErrorDescription>> = errorCatalogue;
  const rows = [...codes]
    .toSorted(([, left], [, right]) => right.open + right.done - (left.open + left.done))
    .map(
      ([code, { open, done }]) =>
        `<tr><th scope="row"><code>${escapeHtml(code)}</code><small>${escapeHtml(descriptions[code]?.meaning ?? "")}</small></th><td>${number.format(open)}</td><td>${number.format(done)}</td></tr>`,
    );
  const table =
    rows.length === 0
      ? "<p>None.</p>"
      : `<div class="scroll"><table><thead><tr><th scope="col">reason</th><th scope="col">open</th><th scope="col">done</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  return `<section><h2>Dead letters</h2>${table}<ul class="soft">${places.join("")}</ul></section>`;
}

/** What the newest verification found. */
export function verificationSection({ verification }: StatusReport): string {
  if (verification === null) return `<section><h2>Verification</h2><p>None is recorded.</p></section>`;
  const { state, counts, compared, startedAt, endedAt } = verification;
  const names = ["read", "filtered", "rows", "equal", "different", "missing", "extra", "behind", "repaired"];
  const rows = names.map((name) => `<tr><th scope="row">${name}</th><td>${number.format(counts[name] ?? 0)}</td></tr>`);
  const against =
    compared === null
      ? ""
      : `Against the ${compared.against === "table" ? "live table" : "export"} <code>${escapeHtml(compared.source)}</code>, ${compared.sample === 100 ? "every row" : `a sample of ${compared.sample} % of the rows`}. `;
  const when = `${startedAt === null ? "" : `Began ${moment(startedAt)}. `}${endedAt === null ? "Has not ended." : `Ended ${moment(endedAt)}.`}`;
  return `<section><h2>Verification <span class="chip ${state === "equal" ? "good" : "bad"}">${escapeHtml(state)}</span></h2>
<p>${against}${when}</p><table class="narrow"><tbody>${rows.join("")}</tbody></table></section>`;
}

/** `2026-01-31T12:34:56.789Z` → `2026-01-31 12:34:56 UTC` */
export function moment(time: string): string {
  return `<time datetime="${escapeHtml(time)}">${escapeHtml(time.slice(0, 19).replace("T", " "))} UTC</time>`;
}

function counted(count: number, noun: string): string {
  return `${number.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}
