import { MigrationError } from "../errors/migration-error";
import { LOAD_PARTS_TABLE, LOADS_TABLE } from "./progress-table";
import type { WireValue } from "./wire-value";

/**
 * How the newest run of a load stands: `running` while it runs (and after it was killed), else how it ended, as the
 * summary of `bulk` says.
 */
export type LoadStatus = "running" | "proven" | "unproven" | "dead-letters" | "unaccounted" | "interrupted" | "failed";

/** A row of the table of loads. */
export interface LoadRow {
  readonly loadId: string;
  /** Name of the DynamoDB table, as the mapping says. */
  readonly sourceTable: string;
  /** For each target table a hash of its part of the mapping; under "" one of what concerns all. */
  readonly tables: ReadonlyMap<string, string>;
  /** Address of the export's folder, for people. */
  readonly exportUrl: string;
  /** A hash of what tells exports apart: the names of the data files, their counts and checksums. */
  readonly exportHash: string;
  readonly mode: "versioned" | "exclusive";
  /** Version of how parts are cut and recorded. */
  readonly format: number;
  /** Items that the manifest says there are; null without a manifest. */
  readonly items: number | null;
  readonly files: number;
  /** Address of the folder for dead letters. */
  readonly deadLetters: string;
  readonly status: LoadStatus;
  /** The newest run, and how many there were. */
  readonly runId: string;
  readonly runs: number;
  /** RFC 3339, UTC: begin of the first run, begin and end of the newest; null while it runs, and after it was killed. */
  readonly startedAt: string;
  readonly runStartedAt: string;
  readonly endedAt: string | null;
}

/** What became of the items of some lines. */
export interface PartCounts {
  readonly written: number;
  readonly stale: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

/** A row of the table of parts: lines of a data file whose items all have an outcome in the tables of one level. */
export interface PartRow extends PartCounts {
  /** Of interleaving: each is a pass over the export. Lines count as read in the pass of level 0. */
  readonly level: number;
  /** Path of the data file below the export's folder. */
  readonly file: string;
  readonly firstLine: number;
  /** How many lines, 0 only for a file without any. */
  readonly lines: number;
  /** CRC-32 of the file's lines, each with its newline, from its first one to this part's last; null without lines. */
  readonly checksum: number | null;
  /**
   * MD5 of the packed file in base64, on the part that ends the file: it was read to its end and found as the manifest
   * says when that part was recorded.
   */
  readonly md5: string | null;
  /** Commit time; empty before it is written. */
  readonly recordedAt: string;
}

/** A part that is to be recorded. */
export type FinishedPart = Omit<PartRow, "recordedAt">;

/** The values of a row of the table of loads, in the order of its columns. */
export function loadValues(load: LoadRow): readonly WireValue[] {
  return [
    load.loadId,
    load.sourceTable,
    JSON.stringify([...load.tables]),
    load.exportUrl,
    load.exportHash,
    load.mode,
    String(load.format),
    load.items === null ? null : String(load.items),
    String(load.files),
    load.deadLetters,
    load.status,
    load.runId,
    String(load.runs),
    load.startedAt,
    load.runStartedAt,
    load.endedAt,
  ];
}

/** @throws MigrationError E_PROGRESS_UNREADABLE */
export function parseLoadRow(values: readonly WireValue[]): LoadRow {
  const row = readerOf(LOADS_TABLE, values);
  return {
    loadId: row.text(0),
    sourceTable: row.text(1),
    tables: new Map(parseTables(row.text(2))),
    exportUrl: row.text(3),
    exportHash: row.text(4),
    mode: row.text(5) === "exclusive" ? "exclusive" : "versioned",
    format: row.count(6),
    items: row.optional(7, row.count),
    files: row.count(8),
    deadLetters: row.text(9),
    status: row.text(10) as LoadStatus,
    runId: row.text(11),
    runs: row.count(12),
    startedAt: row.text(13),
    runStartedAt: row.text(14),
    endedAt: row.optional(15, row.text),
  };
}

function parseTables(text: string): readonly [string, string][] {
  try {
    return JSON.parse(text) as readonly [string, string][];
  } catch (cause) {
    throw new MigrationError("E_PROGRESS_UNREADABLE", `${LOADS_TABLE}.Tables is not JSON`, { cause });
  }
}

/** The values of a row of the table of parts, in the order of its columns. `recordedAt` is what Spanner puts there. */
export function partValues(loadId: string, part: FinishedPart, recordedAt: string): readonly WireValue[] {
  return [
    loadId,
    String(part.level),
    part.file,
    String(part.firstLine),
    String(part.lines),
    String(part.written),
    String(part.stale),
    String(part.filtered),
    String(part.deadLettered),
    part.checksum === null ? null : String(part.checksum),
    part.md5,
    recordedAt,
  ];
}

/** @throws MigrationError E_PROGRESS_UNREADABLE */
export function parsePartRow(values: readonly WireValue[]): PartRow {
  const row = readerOf(LOAD_PARTS_TABLE, values);
  return {
    level: row.count(1),
    file: row.text(2),
    firstLine: row.count(3),
    lines: row.count(4),
    written: row.count(5),
    stale: row.count(6),
    filtered: row.count(7),
    deadLettered: row.count(8),
    checksum: row.optional(9, row.count),
    md5: row.optional(10, row.text),
    recordedAt: row.text(11),
  };
}

function readerOf(table: string, values: readonly WireValue[]) {
  const unreadable = (): MigrationError =>
    new MigrationError("E_PROGRESS_UNREADABLE", `${table} holds a row that no version of this program has written`);
  const text = (index: number): string => {
    const value = values[index];
    if (typeof value !== "string") throw unreadable();
    return value;
  };
  return {
    text,
    count: (index: number): number => {
      const value = Number(text(index));
      if (!Number.isSafeInteger(value) || value < 0) throw unreadable();
      return value;
    },
    optional: <T>(index: number, read: (index: number) => T): T | null => (values[index] === null ? null : read(index)),
  };
}

/** What is recorded of one data file in the pass of one level. */
export interface FileProgress extends PartCounts {
  readonly level: number;
  readonly file: string;
  /** In the order of their lines; none overlaps another. */
  readonly parts: readonly PartRow[];
  /** Lines of all parts. */
  readonly lines: number;
  /** MD5 of the packed file, if all of it is recorded. */
  readonly md5: string | null;
}

/**
 * Brings parts together by level and file, in any order. Only runs of one load at the same time record parts that overlap:
 * then one of them counts, and what only the other has is as good as not finished.
 */
export function fileProgress(parts: Iterable<PartRow>): readonly FileProgress[] {
  const files = new Map<string, PartRow[]>();
  for (const part of parts) {
    const key = JSON.stringify([part.level, part.file]);
    const known = files.get(key);
    if (known === undefined) files.set(key, [part]);
    else known.push(part);
  }
  return [...files.values()].map(progressOfFile);
}

function progressOfFile(rows: readonly PartRow[]): FileProgress {
  const parts: PartRow[] = [];
  let end = 1;
  for (const part of rows.toSorted((left, right) => left.firstLine - right.firstLine || right.lines - left.lines)) {
    if (part.firstLine < end) continue;
    parts.push(part);
    end = part.firstLine + part.lines;
  }
  const sum = (pick: (part: PartRow) => number): number => parts.reduce((all, part) => all + pick(part), 0);
  const lines = sum((part) => part.lines);
  const last = parts.at(-1);
  return {
    level: rows[0]?.level ?? 0,
    file: rows[0]?.file ?? "",
    parts,
    lines,
    written: sum((part) => part.written),
    stale: sum((part) => part.stale),
    filtered: sum((part) => part.filtered),
    deadLettered: sum((part) => part.deadLettered),
    // Without a gap from the first line on: then as many lines are recorded as there are.
    md5: last !== undefined && last.md5 !== null && lines === end - 1 ? last.md5 : null,
  };
}

/** Counts of a load over all its runs and files. */
export interface LoadTotals extends PartCounts {
  readonly read: number;
}

/** The sums of all files: `read` are the lines of the pass of level 0, and equals the others once the load is finished. */
export function loadTotals(files: Iterable<FileProgress>): LoadTotals {
  const totals = { read: 0, written: 0, stale: 0, filtered: 0, deadLettered: 0 };
  for (const file of files) {
    if (file.level === 0) totals.read += file.lines;
    totals.written += file.written;
    totals.stale += file.stale;
    totals.filtered += file.filtered;
    totals.deadLettered += file.deadLettered;
  }
  return totals;
}
