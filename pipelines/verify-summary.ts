import Table from "cli-table3";

/**
 * How a verification ended.
 * - `equal`: every item has its row, and every row its item;
 * - `behind`: so, except for rows that a change is on its way to, or that are newer than the export;
 * - `different`: something differs;
 * - `interrupted`, `failed`: it did not finish.
 */
export type VerifyStatus = "equal" | "behind" | "different" | "interrupted" | "failed";

/** The counts that `verify --summary` writes. */
export interface VerifySummary {
  readonly command: "verify";
  readonly status: VerifyStatus;
  readonly source: string;
  /** Per cent of the rows that were compared. */
  readonly sample: number;
  /** Items that were read. */
  readonly read: number;
  readonly filtered: number;
  readonly notSampled: number;
  /** Rows in the tables, in the sample. */
  readonly rows: number;
  readonly equal: number;
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
  readonly behind: number;
  /** Rows that were written by --repair and are counted above as what they are now. */
  readonly repaired: number;
  /** Rows that --repair --dry-run would write. */
  readonly wouldRepair: number;
  readonly readTimestamp: string | null;
  readonly elapsedSeconds: number;
}

/** The summary as the table that ends the command. */
export function renderVerifySummary(summary: VerifySummary): string {
  const table = new Table({ colAligns: ["left", "right"], style: { head: [], border: [] } });
  const number = new Intl.NumberFormat("en-US");
  const row = (label: string, count: number): [string, string] => [label, number.format(count)];
  table.push(
    ["source", summary.source],
    ["rows read as of", summary.readTimestamp ?? ""],
    row("items read", summary.read),
    row("filtered by the mapping", summary.filtered),
    ...(summary.sample < 100
      ? [
          [`SAMPLE of ${summary.sample} % of the rows; not looked at`, number.format(summary.notSampled)] as [
            string,
            string,
          ],
        ]
      : []),
    row("rows in the tables", summary.rows),
    row("equal", summary.equal),
    row("different", summary.different),
    row("missing (no row)", summary.missing),
    row("extra (no item)", summary.extra),
    row(
      summary.source.startsWith("table ") ? "behind (a change is on its way)" : "behind (changed since the export)",
      summary.behind,
    ),
    ...(summary.repaired > 0 ? [row("repaired, and compared again", summary.repaired)] : []),
    ...(summary.wouldRepair > 0 ? [row("would be repaired (dry run)", summary.wouldRepair)] : []),
    row("seconds", summary.elapsedSeconds),
    ["status", summary.status],
  );
  return table.toString();
}
