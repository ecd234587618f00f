import { commitBytes } from "./commit-bytes";
import type { RowMutation } from "./commit-request";
import type { SpannerConnection } from "./connection";
import { commitObjects } from "./object-commit";
import { withSession } from "./sessions";
import { DEFAULT_RETRY_MILLISECONDS, type RetryOptions, retryTransient } from "./transient-retry";

export interface SenderOptions {
  /** `bytes` (default) sends encoded messages, `objects` goes through the official client's mutation objects. */
  readonly api?: "bytes" | "objects";
  /** How long one attempt may take; by default as long as any request on the connection. */
  readonly attemptMilliseconds?: number;
  /** For all attempts at one commit. */
  readonly retryMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: RetryOptions["onRetry"];
}

/** What a sender has done so far. */
export interface CommitStats {
  /** Commits that succeeded. */
  readonly commits: number;
  /** Attempts after the first, and how many of them because Spanner had aborted the transaction. */
  readonly retries: number;
  readonly aborted: number;
}

export interface CommitSender {
  /**
   * Applies all mutations or none, in a transaction of their own; attempts are repeated, so mutations may be applied
   * more than once.
   *
   * @throws CommitRefused a row is at fault
   * @throws MigrationError E_SPANNER_…, E_INTERRUPTED
   */
  commit(mutations: readonly RowMutation[]): Promise<void>;
  stats(): CommitStats;
}

export function createCommitSender(connection: SpannerConnection, options: SenderOptions = {}): CommitSender {
  const { attemptMilliseconds = connection.requestMilliseconds, retryMilliseconds = DEFAULT_RETRY_MILLISECONDS } =
    options;
  const stats = { commits: 0, retries: 0, aborted: 0 };
  const attempt =
    options.api === "objects"
      ? (mutations: readonly RowMutation[]) => commitObjects(connection, mutations, attemptMilliseconds)
      : (mutations: readonly RowMutation[]) =>
          withSession(connection.sessions, (session) =>
            commitBytes(connection, session, { kind: "singleUse" }, mutations, attemptMilliseconds),
          );
  return {
    async commit(mutations) {
      await retryTransient(() => attempt(mutations), {
        subject: connection.databaseName,
        totalMilliseconds: retryMilliseconds,
        signal: options.signal,
        onRetry: (failure, error) => {
          stats.retries++;
          if (failure.reason === "aborted") stats.aborted++;
          options.onRetry?.(failure, error);
        },
      });
      stats.commits++;
    },
    stats: () => ({ ...stats }),
  };
}
