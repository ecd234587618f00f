import { NO_KEY } from "../schema/profile/key-shape";
import type { NumberSampleState } from "../schema/profile/number-sample";
import type { TableProposal } from "../schema/profile/propose-table";
import { cssPercent, escapeHtml, htmlPage, percentHtml } from "./html-page";
import { type Evidence, type EvidenceRow, evidenceRows, valueFacts } from "./profile-evidence";
import { PROFILE_STYLE } from "./profile-style";

const number = new Intl.NumberFormat("en-US");
const BARS = 20;

/** The proposal and its evidence as one HTML page. Names and examples are the user's data: all text is escaped. */
export function profilePage({ source, profile, proposal, rows }: Evidence): string {
  const { table } = proposal.mapping.source;
  const title = `Profile of ${table}`;
  const count = proposal.tables.length === 1 ? "one table" : `${proposal.tables.length} tables`;
  return htmlPage({
    title,
    style: PROFILE_STYLE,
    header: `<h1>${escapeHtml(title)}</h1>
<p>${number.format(profile.items)} items of ${escapeHtml(source)}, in ${count}</p>`,
    main: [
      overview(proposal.tables, rows, profile.items),
      warnings(proposal.warnings),
      ...proposal.tables.map((each, at) => tableSection(each, at, rows[at] ?? 0, profile.items)),
      withoutPattern(proposal.withoutPattern),
    ].join("\n"),
  });
}

/** Every table with its share of the items; and what the colours of the cards say. */
function overview(tables: readonly TableProposal[], rows: readonly number[], items: number): string {
  const lines = tables.map(({ mapping, partition, sort, columns, others }, at) => {
    const parent = mapping.interleaveIn === undefined ? "" : `<small>in ${escapeHtml(mapping.interleaveIn)}</small>`;
    const kept = others.length === 0 ? "" : ` <small>+ ${others.length} in JSON</small>`;
    const share = items === 0 ? 0 : (rows[at] ?? 0) / items;
    return `<tr><th scope="row"><a href="#table-${at}">${escapeHtml(mapping.name)}</a> ${parent}</th><td>${number.format(rows[at] ?? 0)}</td><td>${percentHtml(share)}</td><td>${columns.length}${kept}</td><td><code>${escapeHtml(keys(partition, sort))}</code></td></tr>`;
  });
  const types = Object.entries(TYPE_NAMES).map(([tag, name]) => `<span class="t-${tag}">${tag}</span> ${name}`);
  return `<section><table class="overview">
<thead><tr><th scope="col">table</th><th scope="col">items</th><th scope="col">share</th><th scope="col">columns</th><th scope="col">keys</th></tr></thead>
<tbody>${lines.join("")}</tbody></table>
<p class="legend">A card is an attribute, or a place within one: first its column and why, then the share of items that have it, the DynamoDB types of its values (${types.join(", ")}), and what the values are like.</p></section>`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  S: "String",
  N: "Number",
  B: "Binary",
  BOOL: "Boolean",
  NULL: "Null",
  M: "Map",
  L: "List",
  SS: "String Set",
  NS: "Number Set",
  BS: "Binary Set",
};

function warnings(texts: readonly string[]): string {
  if (texts.length === 0) return "";
  return `<section class="warnings"><h2>To look at</h2><ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul></section>`;
}

function withoutPattern(groups: Evidence["proposal"]["withoutPattern"]): string {
  if (groups.length === 0) return "";
  const list = groups.map(
    ({ partition, sort, items }) =>
      `<li>${number.format(items)} items: <code>${escapeHtml(keys(partition, sort))}</code></li>`,
  );
  return `<section><h2>Taken by no pattern</h2><ul>${list.join("")}</ul></section>`;
}

function keys(partition: string, sort: string): string {
  return sort === NO_KEY ? partition : `${partition} / ${sort}`;
}

function tableSection(table: TableProposal, at: number, rows: number, items: number): string {
  const { mapping, partition, sort } = table;
  const parent = mapping.interleaveIn === undefined ? "" : `, interleaved in ${escapeHtml(mapping.interleaveIn)}`;
  return `<section id="table-${at}">
<h2>${escapeHtml(mapping.name)}</h2>
<p>${number.format(rows)} of ${number.format(items)} items, keys <code>${escapeHtml(keys(partition, sort))}</code>${parent}; primary key (${escapeHtml(mapping.primaryKey.join(", "))})</p>
<div class="rows">
${evidenceRows(table).map(rowArticle).join("\n")}
</div>
</section>`;
}

function rowArticle(row: EvidenceRow): string {
  const { value } = row.node;
  const column = row.column === undefined ? "" : `<strong>${escapeHtml(row.column)}</strong> `;
  const sure = row.confidence === undefined ? "" : ` <span class="sure ${row.confidence}">${row.confidence}</span>`;
  const proposal =
    row.type === undefined
      ? ""
      : `<p class="proposal">${column}<code>${escapeHtml(row.type)}</code>${sure}<br>${escapeHtml(row.reason ?? "")}</p>`;
  const examples =
    value.examples.length === 0
      ? ""
      : `<p class="examples">${value.examples.map((each) => `<code>${escapeHtml(each)}</code>`).join(" ")}</p>`;
  return `<article style="--depth:${Math.min(row.depth, 6)}">
<h3>${escapeHtml(row.place)}</h3>
${proposal}
<div class="share" title="share of the items"><i style="width:${cssPercent(row.share)}"></i><b>${percentHtml(row.share)}</b></div>
<div class="types">${row.types.map(([tag, share]) => `<span class="t-${tag}" style="flex:${share.toFixed(4)}">${tag}${share < 1 ? ` ${percentHtml(share)}` : ""}</span>`).join("")}</div>
<p class="facts">${valueFacts(row.node).map(escapeHtml).join(" · ")}</p>
${histogram("numbers", value.numbers?.sample)}${histogram("lengths in characters", value.texts?.lengths)}${examples}
</article>`;
}

/** Bars of equal width over the range of a sample. */
function histogram(what: string, sample: NumberSampleState | undefined): string {
  const values = (sample?.values ?? []).filter((value) => Number.isFinite(value));
  if (values.length < 2) return "";
  const least = Math.min(...values);
  const most = Math.max(...values);
  if (least === most) return "";
  const counts = new Array<number>(BARS).fill(0);
  for (const value of values) {
    const bar = Math.min(BARS - 1, Math.floor(((value - least) / (most - least)) * BARS));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const tallest = Math.max(...counts);
  const bars = counts.map((count, bar) => {
    const height = (count / tallest) * 30;
    return `<rect x="${bar * 10}" y="${(30 - height).toFixed(1)}" width="9" height="${height.toFixed(1)}"/>`;
  });
  const label = `Histogram of ${what}, ${short(least)} to ${short(most)}`;
  return `<figure><svg viewBox="0 0 ${BARS * 10} 30" role="img" aria-label="${escapeHtml(label)}" preserveAspectRatio="none">${bars.join("")}</svg><figcaption>${escapeHtml(what)}: ${short(least)} – ${short(most)}</figcaption></figure>`;
}

function short(value: number): string {
  return Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 1e-4)
    ? value.toExponential(2)
    : String(Math.round(value * 1e6) / 1e6);
}
