import Table from "cli-table3";
import { type ChangeCounts, noChanges } from "../transforms/change-ledger";
import type { Status } from "./summary";

/** The counts that `stream --summary` writes. */
export interface StreamSummary extends ChangeCounts {
  readonly command: "stream";
  readonly status: Status;
  /** The same as `applied`, under the name that every command uses. */
  readonly written: number;
  /** Null where workers make them, each for itself. */
  readonly windows: number | null;
  readonly elapsedSeconds: number;
}

/**
 * The accounting identity of a stream: each message that was read ends as exactly one of applied, stale, superseded,
 * filtered, expired, dead-lettered or waiting.
 * @returns the sentence that says which side is short; undefined if they are equal
 */
export function changeGap(counts: Readonly<ChangeCounts>): string | undefined {
  const { read, applied, stale, superseded, filtered, expired, deadLettered, waiting } = counts;
  const ended = applied + stale + superseded + filtered + expired + deadLettered + waiting;
  if (ended === read) return undefined;
  return (
    `${read} messages read, but ${applied} applied + ${stale} stale + ${superseded} superseded + ${filtered} filtered + ` +
    `${expired} expired + ${deadLettered} dead-lettered + ${waiting} waiting = ${ended}`
  );
}

/** Adds the counts of one window. */
export function addCounts(total: ChangeCounts, counts: Readonly<ChangeCounts>): void {
  for (const name of Object.keys(noChanges()) as (keyof ChangeCounts)[]) total[name] += counts[name];
}

/** The table that ends the command. */
export function renderStreamSummary(summary: StreamSummary): string {
  const table = new Table({ colAligns: ["left", "right"], style: { head: [], border: [] } });
  const number = new Intl.NumberFormat("en-US");
  const rows: readonly (readonly [string, number])[] = [
    ["messages read", summary.read],
    ["changes applied", summary.applied],
    ["stale (as new or newer was applied before)", summary.stale],
    ["superseded (newer in the same window)", summary.superseded],
    ["filtered by the mapping", summary.filtered],
    ["expired items ignored", summary.expired],
    ["waits for another row's change", summary.waiting],
    ["dead letters", summary.deadLettered],
    ...(summary.windows === null ? [] : [["windows", summary.windows] as const]),
    ["seconds", summary.elapsedSeconds],
  ];
  for (const [name, value] of rows) table.push([name, number.format(value)]);
  table.push(["status", summary.status]);
  return table.toString();
}
