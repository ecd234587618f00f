import type { protos } from "@google-cloud/spanner";
import type { SpannerConnection } from "./connection";
import { classifySpannerError } from "./error-class";
import { encodeReadRequest, type KeyRead, openSendRead, type ResultSet } from "./raw-read";
import { createSessions, isSessionLost, type Sessions, withSession } from "./sessions";

type ReadRequest = protos.google.spanner.v1.IReadRequest;
type ListValue = protos.google.protobuf.IListValue;

/**
 * A rollback that takes longer is of no use: Spanner ends a transaction by itself that has been idle for so long
 * (google/spanner/v1/transaction.proto, "Idle transactions").
 */
const ROLLBACK_MILLISECONDS = 10_000;

/** One attempt at a read-write transaction. */
export interface ReadWriteTransaction {
  readonly session: string;
  /** Rows in the order of the table's key; of keys without a row there is none. Request and answer have at most 10 MB. */
  read(request: Pick<ReadRequest, "table" | "columns" | "keySet" | "limit">): Promise<readonly ListValue[]>;
  /** The same for the keys of encoded rows. */
  readKeys(read: KeyRead): Promise<readonly ListValue[]>;
  /** Of the transaction on the server, which the first call starts. */
  id(): Promise<Uint8Array>;
}

/** What a transaction needs of a connection. */
export type TransactionConnection = Pick<
  SpannerConnection,
  "client" | "databaseName" | "requestMilliseconds" | "sendCommit"
>;

/**
 * Ordinary sessions, one for each transaction in flight: a read-write transaction on a multiplexed one needs precommit
 * tokens, which the encoded commit does not carry.
 */
const sessionsOf = new WeakMap<object, Sessions>();

/**
 * Runs `work` in one read-write transaction, once; `work` ends with the commit. Nothing that it read, nor the absence of
 * a row that it did not find, has changed when the commit succeeds (https://cloud.google.com/spanner/docs/transactions).
 *
 * @throws what `work` throws, and the client's gRPC errors: ABORTED asks for another attempt, from the reads on
 */
export async function runTransaction<Result>(
  connection: TransactionConnection,
  work: (transaction: ReadWriteTransaction) => Promise<Result>,
): Promise<Result> {
  // The next to take a session is likely this one's next attempt, which on the same session gains in priority.
  return withSession(transactionSessions(connection), async (session) => {
    const transaction = openTransaction(connection, session);
    try {
      return await work(transaction);
    } catch (error) {
      if (!isSessionLost(error)) await endTransaction(transaction, error);
      throw error;
    }
  });
}

/** An open transaction keeps its locks. If the rollback fails, Spanner ends the transaction by itself. */
async function endTransaction(transaction: OpenTransaction, reason: unknown): Promise<void> {
  const failure = classifySpannerError(reason);
  const rolledBack = transaction.rollback();
  // A server that has not answered is asked, but not waited for: the user is to hear of it now, not after the rollback.
  if (failure.kind === "retry" && failure.reason === "unavailable") return;
  await rolledBack;
}

/** Gives the sessions of a connection's transactions back; none may be running. */
export async function closeTransactions(connection: TransactionConnection): Promise<void> {
  await sessionsOf.get(connection.client)?.close();
  sessionsOf.delete(connection.client);
}

function transactionSessions({ client, databaseName, requestMilliseconds }: TransactionConnection): Sessions {
  let sessions = sessionsOf.get(client);
  if (sessions === undefined) {
    sessions = createSessions({
      client,
      database: databaseName,
      multiplexed: false,
      timeoutMilliseconds: requestMilliseconds,
    });
    sessionsOf.set(client, sessions);
  }
  return sessions;
}

interface OpenTransaction extends ReadWriteTransaction {
  /** Never fails. */
  rollback(): Promise<void>;
}

function openTransaction(
  { client, databaseName, requestMilliseconds }: TransactionConnection,
  session: string,
): OpenTransaction {
  const options = {
    timeout: requestMilliseconds,
    // Repeating is the caller's part: an attempt starts again with its reads.
    retry: null,
    // As the client's own requests have them: https://cloud.google.com/spanner/docs/leader-aware-routing
    otherArgs: {
      headers: { "google-cloud-resource-prefix": databaseName, "x-goog-spanner-route-to-leader": "true" },
    },
  };
  let started: Promise<Uint8Array> | undefined;

  /** The first read starts the transaction: one request less. */
  const startOrJoin = async (send: (transactionId: Uint8Array | undefined) => Promise<ResultSet>) => {
    if (started !== undefined) return (await send(await started)).rows ?? [];
    const reading = send(undefined);
    started = reading.then(({ metadata }) => bytesOf(metadata?.transaction?.id));
    // Of a first read that failed nothing is left, so that another one may be the first.
    started.catch(() => {
      started = undefined;
    });
    return (await reading).rows ?? [];
  };

  return {
    session,
    read: (request) =>
      startOrJoin(async (id) => {
        const selector = id === undefined ? { begin: { readWrite: {} } } : { id };
        const [result] = await client.read({ ...request, session, transaction: selector }, options);
        return result;
      }),
    readKeys: (read) =>
      startOrJoin(async (id) => {
        const send = await openSendRead(client);
        return send(session, encodeReadRequest(session, id, read), options);
      }),
    id() {
      started ??= client
        .beginTransaction({ session, options: { readWrite: {} } }, options)
        .then(([transaction]) => bytesOf(transaction.id));
      return started;
    },
    async rollback() {
      const transactionId = await started?.catch(() => undefined);
      if (transactionId === undefined) return;
      const rollbackOptions = { ...options, timeout: ROLLBACK_MILLISECONDS };
      await client.rollback({ session, transactionId }, rollbackOptions).catch(() => {});
    },
  };
}

function bytesOf(id: Uint8Array | string | null | undefined): Uint8Array {
  return typeof id === "string" ? Buffer.from(id, "base64") : (id ?? Buffer.alloc(0));
}
