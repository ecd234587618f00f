import type { FileCounts } from "../transforms/ledger";
import { formatDuration } from "./format-duration";
import { showLine } from "./progress-line";

/** Whatever counts: a ledger, or what workers elsewhere say. */
export interface Counting {
  readonly total: Readonly<FileCounts>;
}

/**
 * Shows how far a bulk load has come until the returned function is called. `expected` is the number of items that there
 * are to read, where it is known.
 */
export function showProgress(ledger: Counting, expected: number | undefined, quiet: boolean): () => void {
  if (quiet) return () => undefined;
  const started = performance.now();
  return showLine(
    () => describeProgress(ledger, expected, (performance.now() - started) / 1000),
    expected === undefined ? undefined : { total: expected, done: () => ended(ledger) },
  );
}

/** One line: rows, rows per second, percentage and time left where the total is known, dead letters. */
export function describeProgress(ledger: Counting, expected: number | undefined, seconds: number): string {
  const { written, deadLettered } = ledger.total;
  const number = new Intl.NumberFormat("en-US");
  const done = ended(ledger);
  const parts = [
    `${number.format(written)} rows`,
    `${number.format(Math.round(seconds > 0 ? written / seconds : 0))} rows/s`,
  ];
  if (expected !== undefined && expected > 0) {
    parts.push(`${Math.floor((100 * done) / expected)} %`);
    if (done > 0 && done < expected) parts.push(`${formatDuration((seconds * (expected - done)) / done)} left`);
  }
  if (deadLettered > 0) parts.push(`${number.format(deadLettered)} dead letters`);
  return parts.join(", ");
}

function ended(ledger: Counting): number {
  const { written, stale, filtered, deadLettered } = ledger.total;
  return written + stale + filtered + deadLettered;
}
