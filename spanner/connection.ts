import type { Database, Spanner, v1 } from "@google-cloud/spanner";
import { emulatorAddress, loadSpannerClient } from "./client-module";
import { finalError } from "./commit-refused";
import { openSendCommit, type SendCommit } from "./raw-commit";
import { createSessions, type Sessions, withSession } from "./sessions";
import { retryTransient } from "./transient-retry";
import { withinTime } from "./within-time";

/** Which database; plain data, so that a DoFn can carry it to a worker. */
export interface SpannerTarget {
  /** By default that of the environment or of the credentials. */
  readonly project?: string | undefined;
  readonly instance: string;
  readonly database: string;
}

export interface ConnectionOptions {
  /** How long the first answer may take, and how long closing may take; bounds each request (`requestMilliseconds`). */
  readonly timeoutMilliseconds?: number;
}

export const DEFAULT_CONNECTION_MILLISECONDS = 30_000;

/** A request that is merely slow must not be given up and sent again for ever, however impatient the user is. */
const MIN_REQUEST_MILLISECONDS = 10_000;

/** Longer than Spanner ever takes for a commit or a page of rows; its own configuration gives a commit an hour. */
const MAX_REQUEST_MILLISECONDS = 60_000;

/** A database that has answered. */
export interface SpannerConnection {
  readonly target: SpannerTarget;
  /** `projects/…/instances/…/databases/…` */
  readonly databaseName: string;
  readonly emulator: boolean;
  /** The official client, for administration. */
  readonly spanner: Spanner;
  /** The official client's handle for queries and transactions, made at first use. */
  database(): Database;
  /** The generated client beneath it, for single calls. */
  readonly client: v1.SpannerClient;
  readonly sessions: Sessions;
  readonly sendCommit: SendCommit;
  /** How long one request may take: an answer takes milliseconds, and a server that hangs is an error within this time. */
  readonly requestMilliseconds: number;
  /** Deletes its sessions and closes its channels; takes a bounded time and never fails. */
  close(): Promise<void>;
}

/** As the client's own constructor passes its options on. */
type ClientOptions = NonNullable<ConstructorParameters<typeof v1.SpannerClient>[0]> & Spanner["options"];

const connections = new Map<string, Promise<SpannerConnection>>();

/**
 * The connection to a database, shared by all callers in this process. Nothing of it is left behind when it fails.
 *
 * @throws MigrationError E_SPANNER_UNREACHABLE, E_SPANNER_PROJECT_UNKNOWN, E_SPANNER_INSTANCE_NOT_FOUND,
 *   E_SPANNER_DATABASE_NOT_FOUND, E_SPANNER_PERMISSION, E_SPANNER_CREDENTIALS, within `timeoutMilliseconds`
 */
export function openSpanner(target: SpannerTarget, options: ConnectionOptions = {}): Promise<SpannerConnection> {
  const key = JSON.stringify([target.project, target.instance, target.database, emulatorAddress()]);
  const known = connections.get(key);
  if (known !== undefined) return known;
  const opening = connect(target, options.timeoutMilliseconds ?? DEFAULT_CONNECTION_MILLISECONDS, () =>
    connections.delete(key),
  );
  connections.set(key, opening);
  opening.catch(() => connections.delete(key));
  return opening;
}

export async function closeAllConnections(): Promise<void> {
  await Promise.allSettled([...connections.values()].map(async (connection) => (await connection).close()));
}

/**
 * Opens the connection and has the database answer a query.
 *
 * @throws as `openSpanner`
 */
export async function checkConnection(target: SpannerTarget, options: ConnectionOptions = {}): Promise<void> {
  const timeout = options.timeoutMilliseconds ?? DEFAULT_CONNECTION_MILLISECONDS;
  const { client, sessions, databaseName } = await openSpanner(target, options);
  await retryTransient(
    () =>
      withSession(sessions, async (session) => {
        await client.executeSql({ session, sql: "SELECT 1" }, { timeout, retry: null });
      }),
    { subject: databaseName, totalMilliseconds: timeout },
  );
}

async function connect(target: SpannerTarget, timeout: number, forget: () => void): Promise<SpannerConnection> {
  const emulator = emulatorAddress() !== undefined;
  const { Spanner, v1 } = loadSpannerClient();
  const spanner = newSpanner(Spanner, target);
  const client = new v1.SpannerClient({ ...spanner.options } as ClientOptions);
  const subject = `Spanner database ${target.database} of instance ${target.instance}`;
  const opening = async (): Promise<Pick<SpannerConnection, "databaseName" | "sessions" | "sendCommit">> => {
    const project = target.project ?? (await spanner.auth.getProjectId());
    const databaseName = `projects/${project}/instances/${target.instance}/databases/${target.database}`;
    const sessions = createSessions({
      client,
      database: databaseName,
      multiplexed: !emulator,
      timeoutMilliseconds: timeout,
    });
    const sendCommit = await openSendCommit(client, databaseName);
    // The first session proves that the database is there and that we are let in.
    sessions.release(await retryTransient(() => sessions.acquire(), { subject, totalMilliseconds: timeout }));
    return { databaseName, sessions, sendCommit };
  };
  try {
    const opened = await withinTime(opening(), timeout);
    const requestMilliseconds = Math.min(Math.max(timeout, MIN_REQUEST_MILLISECONDS), MAX_REQUEST_MILLISECONDS);
    return connection({ target, emulator, spanner, client, requestMilliseconds, ...opened }, timeout, forget);
  } catch (error) {
    await withinTime(Promise.allSettled([client.close(), spanner.close()]), timeout).catch(() => {});
    throw finalError(error, subject);
  }
}

function newSpanner(SpannerClass: typeof Spanner, { project }: SpannerTarget): Spanner {
  // The client's metrics go to Cloud Monitoring each minute, with complaints where that permission is missing.
  const disableBuiltInMetrics = process.env["SPANNER_DISABLE_BUILTIN_METRICS"] !== "false";
  return new SpannerClass({ disableBuiltInMetrics, ...(project === undefined ? {} : { projectId: project }) });
}

function connection(
  parts: Omit<SpannerConnection, "database" | "close">,
  timeout: number,
  forget: () => void,
): SpannerConnection {
  const { target, spanner, client, sessions } = parts;
  let database: Database | undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    forget();
    const steps = async (): Promise<void> => {
      // First what still needs the channels.
      await Promise.allSettled([sessions.close(), database?.close()]);
      await Promise.allSettled([client.close(), spanner.close()]);
    };
    await withinTime(steps(), timeout).catch(() => {});
  };
  return {
    ...parts,
    database() {
      if (database === undefined) {
        // No session before there is a request; with multiplexed sessions the pool is not used at all.
        database = spanner.instance(target.instance).database(target.database, { min: 0 });
        // Without a listener a failure of the pool's housekeeping would end the process; requests report their own.
        (database as unknown as NodeJS.EventEmitter).on("error", () => {});
      }
      return database;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
