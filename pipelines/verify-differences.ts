import { open } from "node:fs/promises";
import Table from "cli-table3";
import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import type { WireValue } from "../schema/wire-value";
import type { Settled } from "./verify-recheck";

/** One line of the file of differences. */
export interface DifferenceLine {
  readonly kind: Settled["kind"];
  /** Null, as is the key, if the item does not even tell where its row would lie. */
  readonly table: string | null;
  readonly key: Readonly<Record<string, WireValue>> | null;
  /** Null: the row as a whole. */
  readonly column: string | null;
  readonly expected: WireValue | Readonly<Record<string, WireValue>>;
  readonly found: WireValue | Readonly<Record<string, WireValue>>;
  /** Why the item can't become a row. */
  readonly reason?: string;
  /** Where the item was read. */
  readonly item?: string;
  /** The row was written since. */
  readonly repaired?: true;
}

/** How many differences the terminal shows. */
const SHOWN = 20;
const SHOWN_CHARACTERS = 40;

/** One line for each column that differs; one for a row that is missing, is extra, or whose item can't be converted. */
export function differenceLines(plan: MigrationPlan, settled: Settled): readonly DifferenceLine[] {
  const table = plan.tables[settled.table];
  const named = (values: readonly WireValue[] | null | undefined) =>
    values === null || values === undefined || table === undefined
      ? null
      : Object.fromEntries(values.map((value, index) => [table.columns[index]?.name ?? "", value]));
  const base = {
    kind: settled.kind,
    table: table?.name ?? null,
    key: settled.table < 0 ? null : named(settled.key),
    ...(settled.refusal === null ? {} : { reason: settled.refusal }),
    ...(settled.place === null ? {} : { item: settled.place }),
  };
  if (settled.columns.length > 0) return settled.columns.map((column) => ({ ...base, ...column }));
  return [{ ...base, column: null, expected: named(settled.values), found: named(settled.found.row) }];
}

/**
 * Writes all differences as JSON Lines; none makes an empty file.
 * @throws MigrationError E_VERIFY_UNWRITABLE
 */
export async function writeDifferences(
  path: string,
  plan: MigrationPlan,
  differences: Iterable<Settled>,
  repaired: ReadonlySet<Settled>,
): Promise<void> {
  try {
    const file = await open(path, "w");
    try {
      for (const settled of differences) {
        const mark = repaired.has(settled) ? ({ repaired: true } as const) : {};
        const lines = differenceLines(plan, settled).map((line) => `${JSON.stringify({ ...line, ...mark })}\n`);
        await file.appendFile(lines.join(""));
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new MigrationError("E_VERIFY_UNWRITABLE", `--differences ${path} can't be written: ${reason}`, { cause });
  }
}

/** The first differences as a table for the terminal. */
export function renderDifferences(plan: MigrationPlan, differences: readonly Settled[]): string {
  const lines: DifferenceLine[] = [];
  for (const settled of differences) {
    if (lines.length >= SHOWN) break;
    lines.push(...differenceLines(plan, settled));
  }
  const table = new Table({
    head: ["", "table", "key", "column", "expected", "found"],
    style: { head: [], border: [] },
    wordWrap: true,
  });
  for (const { kind, table: name, key, column, expected, found, reason, item } of lines.slice(0, SHOWN)) {
    const place = key === null ? (item ?? "") : Object.values(key).map(short).join(", ");
    const [wanted, there] =
      column === null
        ? [kind === "extra" ? "no row" : (reason ?? "a row"), found === null ? "no row" : "a row"]
        : [short(expected), short(found)];
    table.push([kind, name ?? "", place, column ?? "", wanted, there]);
  }
  return table.toString();
}

function short(value: unknown): string {
  const text =
    value === null ? "NULL" : typeof value === "string" ? JSON.stringify(value) : String(JSON.stringify(value));
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
