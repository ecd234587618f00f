import { setTimeout as sleep } from "node:timers/promises";
import { ExponentialBackoff } from "cockatiel";
import { MigrationError } from "../errors/migration-error";
import { finalError } from "./commit-refused";
import { classifySpannerError, requestedDelay, type SpannerFailure } from "./error-class";

/** How long one request is tried again before the command gives up. */
export const DEFAULT_RETRY_MILLISECONDS = 5 * 60 * 1000;

const initialDelayMilliseconds = 16;
const maxDelayMilliseconds = 16_000;
/** A conflict with another transaction is over sooner than an outage. */
const maxAbortedDelayMilliseconds = 1000;
/**
 * Waits between attempts where the row may be at fault (errors INTERNAL), in milliseconds: some 8 to 11 seconds in all,
 * for a short outage must not make dead letters; no more, for a commit is halved a dozen times until its row is found.
 */
const doubtfulDelays = [500, 1000, 2000, 4000] as const;

export interface RetryOptions {
  /** What the request is about; begins the message of an error. */
  readonly subject: string;
  readonly totalMilliseconds?: number;
  /** Ends the attempts with E_INTERRUPTED. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (failure: SpannerFailure & { kind: "retry" }, error: unknown) => void;
}

/**
 * Repeats `attempt` while it fails for passing reasons, with exponential backoff and decorrelated jitter, or after the
 * delay that Spanner asks for. The attempts must be repeatable: an attempt may have had its effect and fail yet.
 *
 * (cockatiel's own retry policy is not used: its waits can't be interrupted, and Ctrl-C must not take 16 seconds.)
 *
 * @throws CommitRefused a row is at fault
 * @throws MigrationError E_SPANNER_… as `classifySpannerError` decides; E_SPANNER_UNREACHABLE or
 *   E_SPANNER_RETRIES_EXHAUSTED when the time is over; E_INTERRUPTED
 */
export async function retryTransient<Result>(attempt: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { subject, totalMilliseconds = DEFAULT_RETRY_MILLISECONDS, signal } = options;
  const deadline = Date.now() + totalMilliseconds;
  let backoff = new ExponentialBackoff({
    initialDelay: initialDelayMilliseconds,
    maxDelay: maxDelayMilliseconds,
  }).next();
  let doubts = 0;
  for (;;) {
    interruptIf(signal);
    try {
      return await attempt();
    } catch (error) {
      const failure = classifySpannerError(error);
      if (error instanceof MigrationError || failure.kind !== "retry") throw finalError(error, subject);
      let delay = delayBefore(failure, error, backoff.duration);
      backoff = backoff.next(undefined);
      if (failure.otherwise === "row") {
        const least = doubtfulDelays[doubts++];
        if (least === undefined) throw finalError(error, subject);
        delay = Math.max(delay, least * (1 + Math.random() / 2));
      }
      if (Date.now() + delay > deadline) throw finalError(error, subject);
      options.onRetry?.(failure, error);
      await sleep(delay, undefined, signal === undefined ? {} : { signal }).catch(() => interruptIf(signal));
    }
  }
}

function delayBefore(failure: SpannerFailure & { kind: "retry" }, error: unknown, backoff: number): number {
  if (failure.reason === "session") return 0;
  const requested = requestedDelay(error);
  if (requested !== undefined) return Math.min(requested, maxDelayMilliseconds);
  return failure.reason === "aborted" ? Math.min(backoff, maxAbortedDelayMilliseconds) : backoff;
}

function interruptIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MigrationError("E_INTERRUPTED", "Stopped while it was writing to Spanner");
}
