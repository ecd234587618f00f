import type { RetryOptions } from "./transient-retry";

/** A shorter outage is over before anyone has read of it. */
const QUIET_MILLISECONDS = 10_000;
const REPEAT_MILLISECONDS = 60_000;
/** Failures that lie further apart belong to different outages; retries are 16 s apart at most, and a request takes its time. */
const GAP_MILLISECONDS = 90_000;

/**
 * For `onRetry` of all requests to one database: says when Spanner has been out of reach, or has refused work for its load,
 * for ten seconds, and again every minute. Nothing of a row is in such errors.
 *
 * @param now milliseconds of a clock that does not jump
 */
export function outageNotice(
  subject: string,
  warn: (text: string) => void,
  now: () => number = () => performance.now(),
): NonNullable<RetryOptions["onRetry"]> {
  let since = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let said = Number.NEGATIVE_INFINITY;
  return ({ reason }, error) => {
    if (reason !== "unavailable" && reason !== "overloaded") return;
    const at = now();
    if (at - last > GAP_MILLISECONDS) since = at;
    last = at;
    if (at - since < QUIET_MILLISECONDS || at - said < REPEAT_MILLISECONDS) return;
    said = at;
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    warn(`${subject}: no success for ${Math.round((at - since) / 1000)} s, trying again: ${line}`);
  };
}
