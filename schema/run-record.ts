import { z } from "zod";
import { MigrationError } from "../errors/migration-error";
import { RUNS_TABLE } from "./progress-table";
import type { WireValue } from "./wire-value";

/** What a row of the table of runs is about; `preflight` is the first sight of a subscription by `status`. */
export const RUN_COMMANDS = ["bulk", "incremental", "stream", "verify", "replay", "preflight"] as const;
export type RunCommand = (typeof RUN_COMMANDS)[number];

/**
 * How a run stands: `running` while it runs (and after it was killed), `handed-over` if nothing is known of its end
 * (`--no-wait`), else the status of the command's own summary.
 */
export const RUN_STATUSES = [
  ...(["running", "handed-over", "seen", "failed", "interrupted"] as const),
  ...(["proven", "unproven", "dead-letters", "unaccounted"] as const),
  ...(["equal", "behind", "different"] as const),
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

const count = z.number().nonnegative();
/** RFC 3339, by the clock of the machine that ran the command. */
const time = z.string();

/** How the changes flow, as a stream sees it. */
const flowSchema = z.object({
  /** Full name of the subscription. */
  subscription: z.string(),
  /** Messages that are held and not acknowledged, and when the oldest of them was published. */
  held: count,
  oldestHeld: time.nullable(),
  /** Publish times of messages whose changes are committed. */
  oldestApplied: time.nullable(),
  newestApplied: time.nullable(),
  /** Seconds for which no message has come while Pub/Sub could be reached. */
  quietSeconds: count,
  /** Since when Pub/Sub is out of reach, if it is. */
  lostSince: time.nullable(),
});
export type StreamFlow = z.infer<typeof flowSchema>;

const exportSchema = z.object({
  url: z.string(),
  items: count.nullable(),
  files: count,
  /** The point in time whose state was exported, as the manifest says. */
  exportTime: time.nullable(),
});

const verificationSchema = z.object({
  against: z.enum(["table", "export"]),
  /** Name of the table, address of the export. */
  source: z.string(),
  /** Per cent of the rows. */
  sample: z.number(),
  /** Rows may have been written by it. */
  repair: z.boolean(),
});

const detailsSchema = z.object({
  /** The counts of the command's summary, by their names there. */
  counts: z.record(z.string(), z.number()),
  /** Progress: seconds since the start, and items, changes or rows that are done; at even distances. */
  samples: z.array(z.tuple([z.number(), z.number()])),
  /** Items, changes or rows a second, lately; null if that is not known. */
  rate: z.number().nullable(),
  /** Name of the machine that ran the command: where local folders lie. */
  machine: z.string(),
  runner: z.string(),
  /** Address of the folder for dead letters. */
  deadLetters: z.string().nullable(),
  /** Code of the error that ended the run. Never its message: that may hold a key. */
  failure: z.string().nullable(),
  exclusive: z.boolean().optional(),
  export: exportSchema.optional(),
  flow: flowSchema.optional(),
  verification: verificationSchema.optional(),
});
export type RunDetails = z.infer<typeof detailsSchema>;

const fileSchema = z.object({
  file: z.string(),
  md5: z.string().nullable(),
  expected: count.nullable(),
  read: count,
  written: count,
  stale: count,
  filtered: count,
  deadLettered: count,
});
const filesSchema = z.object({
  files: z.array(fileSchema),
  /** Files behind these that the row had no room for. */
  leftOut: count,
});
export type RunFile = z.infer<typeof fileSchema>;
export type RunFiles = z.infer<typeof filesSchema>;

/** A row of the table of runs. Neither secrets nor values of items are in it. */
export interface RunRow {
  readonly runId: string;
  readonly command: RunCommand;
  /** Name of the DynamoDB table, as the mapping says. */
  readonly sourceTable: string;
  /** A hash of the mapping as the run had it. */
  readonly mappingHash: string;
  readonly status: RunStatus;
  /**
   * Commit times of Spanner, RFC 3339, so that all compare whatever the machines' clocks say: of the record at the
   * beginning (null if there was none: then nothing tells when it began), of the newest, of the one at the end.
   */
  readonly startedAt: string | null;
  readonly recordedAt: string;
  readonly endedAt: string | null;
  readonly details: RunDetails;
}

/** Names of the columns of a {@link RunRow}, in its order: all but `Files`, which may be large. */
export const RUN_COLUMNS = [
  ...["RunId", "Command", "SourceTable", "MappingHash", "Status", "StartedAt", "RecordedAt", "EndedAt", "Details"],
] as const;

/** Characters of a STRING column: 2,621,440 (https://cloud.google.com/spanner/quotas); with room for what is beside. */
const MAX_FILES_CHARACTERS = 2_000_000;

/** As text for the column `Files`; of too many files as many as there is room for. */
export function formatRunFiles(files: readonly RunFile[]): string {
  const kept: string[] = [];
  let characters = 0;
  for (const file of files) {
    const text = JSON.stringify(file);
    characters += text.length + 1;
    if (characters > MAX_FILES_CHARACTERS) break;
    kept.push(text);
  }
  return `{"files":[${kept.join(",")}],"leftOut":${files.length - kept.length}}`;
}

/** @throws MigrationError E_PROGRESS_UNREADABLE */
export function parseRunFiles(value: WireValue): RunFiles {
  return value === null ? { files: [], leftOut: 0 } : parseJson(filesSchema, value);
}

const rowSchema = z.tuple([
  z.string(),
  z.enum(RUN_COMMANDS),
  z.string(),
  z.string(),
  z.enum(RUN_STATUSES),
  z.string().nullable(),
  z.string(),
  z.string().nullable(),
  z.string(),
]);

/**
 * @param values those of {@link RUN_COLUMNS}
 * @throws MigrationError E_PROGRESS_UNREADABLE
 */
export function parseRunRow(values: readonly WireValue[]): RunRow {
  const result = rowSchema.safeParse(values);
  if (!result.success) throw unreadable(result.error);
  const [runId, command, sourceTable, mappingHash, status, startedAt, recordedAt, endedAt, details] = result.data;
  return {
    ...{ runId, command, sourceTable, mappingHash, status, startedAt, recordedAt, endedAt },
    details: parseJson(detailsSchema, details),
  };
}

function parseJson<Output>(schema: z.ZodType<Output>, text: WireValue): Output {
  try {
    return schema.parse(JSON.parse(String(text)));
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): MigrationError {
  return new MigrationError(
    "E_PROGRESS_UNREADABLE",
    `${RUNS_TABLE} holds a row that no version of this program has written`,
    { cause },
  );
}
