import type { ChangeSource } from "../pubsub/change-source";
import type { OpenedSubscription } from "../pubsub/pubsub-source";
import type { ChangeCounts } from "../transforms/change-ledger";
import { formatDuration } from "./format-duration";
import { showLine } from "./progress-line";
import type { StreamTotal } from "./stream-windows";

/** Shows how a stream goes until the returned function is called. */
export function showStreamProgress(
  { source, reach }: Pick<OpenedSubscription, "source" | "reach">,
  { counts }: StreamTotal,
  quiet: boolean,
): () => void {
  if (quiet) return () => undefined;
  let before = { read: counts.read, at: performance.now() };
  let rate = 0;
  return showLine(() => {
    const now = performance.now();
    // A rate over less than a window's run would jump between nothing and everything.
    if (now - before.at >= 5_000) {
      rate = ((counts.read - before.read) * 1000) / (now - before.at);
      before = { read: counts.read, at: now };
    }
    return describeStream(counts, source.held, rate, Date.now(), reach.lostSince);
  });
}

/**
 * One line: changes applied, changes per second, lag (age of the oldest unacknowledged message here), and the rest.
 * @param lostSince since when Pub/Sub is out of reach, if it is, and the time now: in milliseconds since 1970
 */
export function describeStream(
  counts: Readonly<ChangeCounts>,
  held: ChangeSource["held"],
  rate: number,
  now: number,
  lostSince: number | undefined,
): string {
  const number = new Intl.NumberFormat("en-US");
  const lag = held.oldestPublished === undefined ? 0 : Math.max(0, (now - held.oldestPublished) / 1000);
  const parts = [
    `${number.format(counts.applied)} applied`,
    `${number.format(Math.round(rate))} changes/s`,
    `lag ${formatDuration(lag)}`,
    `${number.format(held.count)} held`,
  ];
  if (lostSince !== undefined) parts.push(`Pub/Sub out of reach for ${formatDuration((now - lostSince) / 1000)}`);
  if (counts.stale > 0) parts.push(`${number.format(counts.stale)} stale`);
  if (counts.superseded > 0) parts.push(`${number.format(counts.superseded)} superseded`);
  if (counts.waiting > 0) parts.push(`${number.format(counts.waiting)} waiting for other rows`);
  if (counts.deadLettered > 0) parts.push(`${number.format(counts.deadLettered)} dead letters`);
  return parts.join(", ");
}
