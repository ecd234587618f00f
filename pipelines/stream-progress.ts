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
  return showRated(counts, RATE_MILLISECONDS, quiet, (rate) =>
    describeStream(counts, source.held, rate, Date.now(), reach.lostSince),
  );
}

/** As {@link showStreamProgress}, of a stream whose workers are elsewhere: only what they count is known. */
export function showCountedProgress(counts: Readonly<ChangeCounts>, quiet: boolean): () => void {
  return showRated(counts, REMOTE_RATE_MILLISECONDS, quiet, (rate) =>
    [...describeApplied(counts, rate), ...describeOthers(counts)].join(", "),
  );
}

/** A rate over less than a window's run would jump between nothing and everything. */
const RATE_MILLISECONDS = 5_000;
/** Remote counters are renewed every ten seconds. */
const REMOTE_RATE_MILLISECONDS = 20_000;

function showRated(
  counts: Readonly<ChangeCounts>,
  milliseconds: number,
  quiet: boolean,
  describe: (rate: number) => string,
): () => void {
  if (quiet) return () => undefined;
  let before = { read: counts.read, at: performance.now() };
  let rate = 0;
  return showLine(() => {
    const now = performance.now();
    if (now - before.at >= milliseconds) {
      rate = ((counts.read - before.read) * 1000) / (now - before.at);
      before = { read: counts.read, at: now };
    }
    return describe(rate);
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
  const lag = held.oldestPublished === undefined ? 0 : Math.max(0, (now - held.oldestPublished) / 1000);
  const parts = [...describeApplied(counts, rate), `lag ${formatDuration(lag)}`, `${number.format(held.count)} held`];
  if (lostSince !== undefined) parts.push(`Pub/Sub out of reach for ${formatDuration((now - lostSince) / 1000)}`);
  return [...parts, ...describeOthers(counts)].join(", ");
}

const number = new Intl.NumberFormat("en-US");

function describeApplied({ applied }: Readonly<ChangeCounts>, rate: number): readonly string[] {
  return [`${number.format(applied)} applied`, `${number.format(Math.round(rate))} changes/s`];
}

function describeOthers({ stale, superseded, waiting, deadLettered }: Readonly<ChangeCounts>): readonly string[] {
  const others: readonly (readonly [number, string])[] = [
    [stale, "stale"],
    [superseded, "superseded"],
    [waiting, "waiting for other rows"],
    [deadLettered, "dead letters"],
  ];
  return others.filter(([count]) => count > 0).map(([count, what]) => `${number.format(count)} ${what}`);
}
