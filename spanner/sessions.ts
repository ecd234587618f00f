import type { v1 } from "@google-cloud/spanner";
import { classifySpannerError } from "./error-class";

/** Sessions of one database, made when they are needed. */
export interface Sessions {
  /** The name of a session that no other caller has, or of a multiplexed one, which all may use at once. */
  acquire(): Promise<string>;
  release(session: string): void;
  /** Instead of `release`: Spanner does not know the session any more. */
  discard(session: string): void;
  /** Deletes them; never fails, as Spanner forgets unused sessions by itself. */
  close(): Promise<void>;
}

/**
 * Runs `work` with a session of its own (or the multiplexed one), once.
 *
 * @throws what `work` throws; a session that Spanner does not know is not used again
 */
export async function withSession<Result>(
  sessions: Sessions,
  work: (session: string) => Promise<Result>,
): Promise<Result> {
  const session = await sessions.acquire();
  let known = true;
  try {
    return await work(session);
  } catch (error) {
    known = !isSessionLost(error);
    throw error;
  } finally {
    if (known) sessions.release(session);
    else sessions.discard(session);
  }
}

/** True if a request failed because Spanner does not know its session any more. */
export function isSessionLost(error: unknown): boolean {
  const failure = classifySpannerError(error);
  return failure.kind === "retry" && failure.reason === "session";
}

export interface SessionOptions {
  readonly client: v1.SpannerClient;
  /** Full name of the database. */
  readonly database: string;
  /** A multiplexed session (https://cloud.google.com/spanner/docs/sessions) is asked for; the server may not have it. */
  readonly multiplexed: boolean;
  readonly timeoutMilliseconds: number;
}

export function createSessions({ client, database, multiplexed, timeoutMilliseconds }: SessionOptions): Sessions {
  const idle: string[] = [];
  const ordinary = new Set<string>();
  let shared: Promise<string | undefined> | undefined;

  const create = async (asMultiplexed: boolean): Promise<{ name: string; multiplexed: boolean }> => {
    const [session] = await client.createSession(
      { database, session: { multiplexed: asMultiplexed } },
      { timeout: timeoutMilliseconds, retry: null },
    );
    return { name: session.name ?? "", multiplexed: session.multiplexed === true };
  };

  const createOrdinary = async (): Promise<string> => {
    const { name } = await create(false);
    ordinary.add(name);
    return name;
  };

  /** Undefined where the server made an ordinary session instead; that one is then put to use as such. */
  const createShared = async (): Promise<string | undefined> => {
    const session = await create(true);
    if (session.multiplexed) return session.name;
    ordinary.add(session.name);
    idle.push(session.name);
    return undefined;
  };

  return {
    async acquire() {
      if (multiplexed) {
        shared ??= createShared();
        try {
          const session = await shared;
          if (session !== undefined) return session;
        } catch (error) {
          shared = undefined;
          throw error;
        }
      }
      return idle.pop() ?? createOrdinary();
    },
    release(session) {
      if (ordinary.has(session)) idle.push(session);
    },
    discard(session) {
      if (!ordinary.delete(session)) shared = undefined;
    },
    async close() {
      const deletions = [...ordinary].map((name) =>
        client.deleteSession({ name }, { timeout: timeoutMilliseconds, retry: null }),
      );
      ordinary.clear();
      idle.length = 0;
      shared = undefined;
      await Promise.allSettled(deletions);
    },
  };
}
