import Table from "cli-table3";
import { NO_KEY } from "../schema/profile/key-shape";
import { printable } from "./printable";
import { type Evidence, type EvidenceRow, evidenceRows, valueFacts } from "./profile-evidence";

/** More rows of one table than these, and what lies deeper in Maps and Lists, are for the report in HTML. */
const MAX_ROWS = 60;
const MAX_DEPTH = 1;
const number = new Intl.NumberFormat("en-US");

/** The proposal and its evidence for a terminal: a table for each table proposed. */
export function renderProposal(evidence: Evidence, options: { readonly examples: boolean }): string {
  const { proposal, profile, rows } = evidence;
  const parts: string[] = [];
  for (const [at, table] of proposal.tables.entries()) {
    const { mapping, partition, sort } = table;
    const keys = printable([partition, sort].filter((shape) => shape !== NO_KEY).join(" / "));
    const parent = mapping.interleaveIn === undefined ? "" : `, interleaved in ${mapping.interleaveIn}`;
    parts.push(
      `${mapping.name}: ${number.format(rows[at] ?? 0)} of ${number.format(profile.items)} items (keys ${keys})${parent}`,
    );
    const all = evidenceRows(table);
    const shown = all.filter(({ depth }) => depth <= MAX_DEPTH).slice(0, MAX_ROWS);
    parts.push(attributeTable(shown, options.examples));
    if (all.length > shown.length) parts.push(`… and ${all.length - shown.length} more; --report FILE.html shows all.`);
  }
  if (proposal.withoutPattern.length > 0) {
    const list = proposal.withoutPattern.map(
      ({ partition, sort, items }) =>
        `  ${number.format(items)} items: ${printable(sort === NO_KEY ? partition : `${partition} / ${sort}`)}`,
    );
    parts.push(`Taken by no pattern:\n${list.join("\n")}`);
  }
  return `${parts.join("\n")}\n`;
}

function attributeTable(rows: readonly EvidenceRow[], examples: boolean): string {
  const table = new Table({
    head: ["attribute", "share", "types", "values", "column", "type", "sure"],
    style: { head: [], border: [], compact: true },
    colWidths: [26, 8, 12, 40, 22, 24, 8],
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  for (const row of rows) {
    const shown =
      examples && row.node.value.examples.length > 0
        ? [`e.g. ${row.node.value.examples.map((each) => JSON.stringify(each)).join(", ")}`]
        : [];
    table.push([
      printable(`${"  ".repeat(row.depth)}${row.place}`),
      `${percent(row.share)}%`,
      row.types.map(([tag, share]) => (share === 1 ? tag : `${tag} ${percent(share)}%`)).join(", "),
      printable([...valueFacts(row.node), ...shown].join(", ")),
      row.column ?? "",
      row.type ?? "",
      row.confidence ?? "",
    ]);
  }
  return table.toString();
}

function percent(share: number): string {
  const tenths = Math.round(share * 1000) / 10;
  return tenths === 0 && share > 0 ? "<0.1" : String(tenths);
}
