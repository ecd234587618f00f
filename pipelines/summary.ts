import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import Table from "cli-table3";
import { MigrationError } from "../errors/migration-error";
import type { FileAccount } from "./accounting";
import type { IncrementalSummary } from "./run-incrementals";

/**
 * How a bulk load or a stream ended.
 * - `proven`: every item is written, stale or filtered, and the manifest agrees;
 * - `unproven`: the same, but without a manifest to prove it by, or incremental exports leave something open;
 * - `dead-letters`: every item has an outcome, some are dead letters;
 * - `unaccounted`: the counts do not add up;
 * - `interrupted`: it did not finish, or (a stream) it was stopped while changes waited for other rows;
 * - `failed`: it did not finish.
 */
export type Status = "proven" | "unproven" | "dead-letters" | "unaccounted" | "interrupted" | "failed";

const EXIT_CODES: Record<Status, number> = {
  proven: 0,
  unproven: 0,
  "dead-letters": 3,
  unaccounted: 4,
  interrupted: 1,
  failed: 1,
};

/** The counts that `--summary` writes and the table at the end shows. */
export interface Summary {
  readonly command: string;
  readonly status: Status;
  readonly read: number;
  readonly written: number;
  readonly stale: number;
  readonly filtered: number;
  readonly deadLettered: number;
  /** Items that the manifest says there are; null without a manifest. */
  readonly expected: number | null;
  /** How much of it earlier runs of the same load have done. */
  readonly earlier?: { readonly read: number; readonly written: number };
  readonly elapsedSeconds: number;
  /** Present if incremental exports were applied. */
  readonly incremental?: IncrementalSummary;
  readonly files: readonly {
    readonly file: string;
    readonly expected: number | null;
    readonly read: number;
    readonly written: number;
    readonly stale: number;
    readonly filtered: number;
    readonly deadLettered: number;
  }[];
}

/** The exit code that a status stands for. */
export function exitCodeOf(status: Status): number {
  return EXIT_CODES[status];
}

/** Adds up the accounts of all files. */
export function summarise(
  command: string,
  status: Status,
  accounts: readonly FileAccount[],
  expected: number | undefined,
  elapsedSeconds: number,
): Summary {
  const files = accounts.map(({ file, expected: ofFile, counts }) => ({
    file,
    expected: ofFile ?? null,
    read: counts.read,
    written: counts.written,
    stale: counts.stale,
    filtered: counts.filtered,
    deadLettered: counts.deadLettered,
  }));
  const sum = (pick: (file: (typeof files)[number]) => number) => files.reduce((all, file) => all + pick(file), 0);
  return {
    command,
    status,
    read: sum((file) => file.read),
    written: sum((file) => file.written),
    stale: sum((file) => file.stale),
    filtered: sum((file) => file.filtered),
    deadLettered: sum((file) => file.deadLettered),
    expected: expected ?? null,
    elapsedSeconds: Math.round(elapsedSeconds * 1000) / 1000,
    files,
  };
}

/** The summary as the table that ends a command. */
export function renderSummary(summary: Summary): string {
  const table = new Table({ colAligns: ["left", "right"], style: { head: [], border: [] } });
  const number = new Intl.NumberFormat("en-US");
  const { earlier = { read: 0, written: 0 } } = summary;
  const rate = summary.elapsedSeconds > 0 ? (summary.written - earlier.written) / summary.elapsedSeconds : 0;
  table.push(
    ["expected by the manifest", summary.expected === null ? "no manifest" : number.format(summary.expected)],
    ["read", number.format(summary.read)],
    ...(earlier.read === 0 ? [] : [["of these by earlier runs", number.format(earlier.read)]]),
    ["written", number.format(summary.written)],
    ["stale (a newer change was there)", number.format(summary.stale)],
    ["filtered by the mapping", number.format(summary.filtered)],
    ["dead letters", number.format(summary.deadLettered)],
    ...incrementalRows(summary.incremental, number),
    ["files", number.format(summary.files.length)],
    ["seconds", number.format(summary.elapsedSeconds)],
    ["rows per second", number.format(Math.round(rate))],
    ["status", summary.status],
  );
  return table.toString();
}

function incrementalRows(incremental: IncrementalSummary | undefined, number: Intl.NumberFormat): [string, string][] {
  if (incremental === undefined) return [];
  return [
    ["incremental exports", number.format(incremental.exports)],
    ["of one second with another change", number.format(incremental.undecided)],
    ["… settled by a read of the item", number.format(incremental.settled)],
  ];
}

/**
 * Finds out before a run whether its summary will have a place, without leaving anything there.
 * @throws MigrationError E_SUMMARY_UNWRITABLE
 */
export async function probeSummary(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there !== undefined) await access(path, constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Writes the summary for scripts to read.
 * @throws MigrationError E_SUMMARY_UNWRITABLE
 */
export async function writeSummary(path: string, summary: object): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(summary, undefined, 2)}\n`);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): MigrationError {
  const reason = (cause as Error).message;
  return new MigrationError("E_SUMMARY_UNWRITABLE", `--summary ${path} can't be written: ${reason}`, { cause });
}
