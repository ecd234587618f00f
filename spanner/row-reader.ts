import type { protos } from "@google-cloud/spanner";
import { MigrationError } from "../errors/migration-error";
import type { TablePlan } from "../schema/migration-plan";
import type { RowKey } from "../schema/row-change";
import type { WireValue } from "../schema/wire-value";
import type { SpannerConnection } from "./connection";
import { grpcCode, grpcStatus } from "./error-class";
import { KEYS_PER_READ, readInParts } from "./read-in-parts";
import { withSession } from "./sessions";
import { type RetryOptions, retryTransient } from "./transient-retry";
import { fromProtobufList, toProtobufList } from "./wire-protobuf";

type Timestamp = protos.google.protobuf.ITimestamp;
type ReadRequest = protos.google.spanner.v1.IReadRequest;
type RowValues = readonly WireValue[];

/** The database as it was at one moment. */
export interface Snapshot {
  /** RFC 3339. */
  readonly at: string;
  /** Values of the named columns for each of the keys that has a row; in any order. */
  readRows(table: string, columns: readonly string[], keys: readonly RowKey[]): Promise<readonly RowValues[]>;
  /** The named key columns of every row, in the order of the key, a page of at most {@link KEYS_PER_READ} at a time. */
  scanRows(table: string, keyColumns: readonly string[]): AsyncIterable<readonly RowValues[]>;
}

/**
 * The database as it is now. The snapshot can be read for as long as Spanner keeps old versions (one hour, unless the
 * database's `version_retention_period` is longer).
 * @throws MigrationError E_SPANNER_…; later reads also E_VERIFY_TOO_LONG
 */
export async function takeSnapshot(
  connection: SpannerConnection,
  retry: Partial<RetryOptions> = {},
): Promise<Snapshot> {
  const { client, sessions, requestMilliseconds } = connection;
  const [transaction] = await retryTransient(
    () =>
      withSession(sessions, (session) =>
        client.beginTransaction(
          { session, options: { readOnly: { strong: true, returnReadTimestamp: true } } },
          { timeout: requestMilliseconds, retry: null },
        ),
      ),
    { ...retry, subject: connection.databaseName },
  );
  const { readTimestamp } = transaction;
  if (readTimestamp === null || readTimestamp === undefined) {
    throw new MigrationError("E_INTERNAL", "Spanner has given no read timestamp");
  }
  return openSnapshot(connection, formatProtobufTimestamp(readTimestamp), retry);
}

/** The database as it was at a moment that another snapshot has given. */
export function openSnapshot(connection: SpannerConnection, at: string, retry: Partial<RetryOptions> = {}): Snapshot {
  const { client, sessions, databaseName, requestMilliseconds } = connection;
  const transaction = { singleUse: { readOnly: { readTimestamp: parseProtobufTimestamp(at) } } };

  const read = async (request: ReadRequest): Promise<readonly RowValues[]> => {
    const attempt = () =>
      withSession(sessions, async (session) => {
        try {
          const [result] = await client.read(
            { ...request, session, transaction },
            { timeout: requestMilliseconds, retry: null },
          );
          return (result.rows ?? []).map(fromProtobufList);
        } catch (error) {
          throw tooOld(error) ? tookTooLong(at, error) : error;
        }
      });
    return retryTransient(attempt, { ...retry, subject: databaseName });
  };

  return {
    at,
    readRows(table, columns, keys) {
      return readInParts(keys, (part) =>
        read({ table, columns: [...columns], keySet: { keys: part.map(toProtobufList) } }),
      );
    },
    async *scanRows(table, keyColumns) {
      let last: RowKey | undefined;
      for (;;) {
        const start = last === undefined ? { startClosed: {} } : { startOpen: toProtobufList(last) };
        const keySet = { ranges: [{ ...start, endClosed: {} }] };
        const page = await read({ table, columns: [...keyColumns], keySet, limit: KEYS_PER_READ });
        if (page.length > 0) yield page;
        if (page.length < KEYS_PER_READ) return;
        last = page.at(-1);
      }
    },
  };
}

function tooOld(error: unknown): boolean {
  const code = grpcCode(error);
  const message = error instanceof Error ? error.message : "";
  return (
    (code === grpcStatus.FAILED_PRECONDITION || code === grpcStatus.OUT_OF_RANGE) &&
    /version GC|past (the )?(version )?(retention|garbage)|too old|maximum timestamp staleness|version_retention/i.test(
      message,
    )
  );
}

function tookTooLong(at: string, cause: unknown): MigrationError {
  return new MigrationError("E_VERIFY_TOO_LONG", `Spanner no longer keeps the rows as they were at ${at}`, { cause });
}

function formatProtobufTimestamp({ seconds, nanos }: Timestamp): string {
  const whole = new Date(Number(seconds ?? 0) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanos ?? 0).padStart(9, "0")}Z`;
}

function parseProtobufTimestamp(text: string): Timestamp {
  return { seconds: Date.parse(`${text.slice(0, 19)}Z`) / 1000, nanos: Number(text.slice(20, 29)) };
}

/** Names of all columns that the mapping fills. */
export function columnNames({ columns }: TablePlan): readonly string[] {
  return columns.map(({ name }) => name);
}
