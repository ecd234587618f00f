import type { WireValue } from "../../schema/wire-value";
import type { TableRows } from "../../spanner/commit-batches";
import { writeTarget } from "../../spanner/commit-request";
import { createCommitSender, type SenderOptions } from "../../spanner/commit-sender";
import type { SpannerConnection } from "../../spanner/connection";
import type { KeyPart } from "../../spanner/key-order";
import { overwriteRows, type WriteOutcome, writeRows } from "../../spanner/row-writer";
import { encodeRows } from "./encoded";

const stringKey: KeyPart = { type: { kind: "STRING", length: "MAX" }, descending: false };

export function table(
  name: string,
  columns: readonly string[],
  rows: readonly (readonly WireValue[])[],
  keyLength = 1,
): TableRows {
  return {
    target: writeTarget(name, columns),
    rows: encodeRows(rows, keyLength),
    cellsPerRow: columns.length,
    sortBy: new Array(keyLength).fill(stringKey),
  };
}

export function write(
  connection: SpannerConnection,
  groups: readonly TableRows[],
  options: SenderOptions = {},
): Promise<WriteOutcome> {
  return writeRows(groups, { commit: overwriteRows(createCommitSender(connection, options)) });
}

export async function read(connection: SpannerConnection, sql: string): Promise<readonly unknown[][]> {
  const [rows] = await connection.database().run({ sql });
  return (rows as { name: string; value: unknown }[][]).map((row) => row.map(({ value }) => value));
}

export const count = async (connection: SpannerConnection, name: string): Promise<number> =>
  Number((await read(connection, `SELECT COUNT(*) FROM ${name}`))[0]?.[0]);

export const tutorialDdl = `CREATE TABLE Migration (
  Username STRING(1024), PointsEarned INT64, ReminderDate DATE, Subscribed BOOL, Zipcode INT64
) PRIMARY KEY (Username)`;
export const tutorialColumns = ["Username", "PointsEarned", "ReminderDate", "Subscribed", "Zipcode"];
export const tutorialRow = (index: number): WireValue[] => [
  `user-${(index * 7919) % 100_003}-é`,
  String(index - 500),
  index % 7 === 0 ? null : `2026-01-${String((index % 28) + 1).padStart(2, "0")}`,
  index % 3 === 0,
  String(10_000 + index),
];
