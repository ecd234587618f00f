import type { FileCounts } from "../transforms/ledger";
import { formatDuration } from "./format-duration";
import { showLine } from "./progress-line";

/** Whatever counts: a ledger, or what workers elsewhere say. */
export interface Counting {
  readonly total: Readonly<FileCounts>;
}

const NOTHING: Readonly<FileCounts> = { read: 0, written: 0, stale: 0, filtered: 0, deadLettered: 0, bytesRead: 0 };

/**
 * Shows how far a bulk load has come until the returned function is called. `expected` is the number of items that there
 * are to read, where it is known.
 */
export function showProgress(ledger: Counting, expected: number | undefined, quiet: boolean): () => void {
  if (quiet) return () => undefined;
  const started = performance.now();
  const before = { ...ledger.total };
  return showLine(
    () => describeProgress(ledger, expected, (performance.now() - started) / 1000, before),
    expected === undefined ? undefined : { total: expected, done: () => ended(ledger.total) },
  );
}

/**
 * One line: rows, rows per second, percentage and time left where the total is known, dead letters.
 * @param before what earlier runs had done before these seconds
 */
export function describeProgress(
  ledger: Counting,
  expected: number | undefined,
  seconds: number,
  before: Readonly<FileCounts> = NOTHING,
): string {
  const { written, deadLettered } = ledger.total;
  const number = new Intl.NumberFormat("en-US");
  const done = ended(ledger.total);
  const doneNow = done - ended(before);
  const parts = [
    `${number.format(written)} rows`,
    `${number.format(Math.round(seconds > 0 ? (written - before.written) / seconds : 0))} rows/s`,
  ];
  if (expected !== undefined && expected > 0) {
    parts.push(`${Math.floor((100 * done) / expected)} %`);
    if (doneNow > 0 && done < expected) parts.push(`${formatDuration((seconds * (expected - done)) / doneNow)} left`);
  }
  if (deadLettered > 0) parts.push(`${number.format(deadLettered)} dead letters`);
  return parts.join(", ");
}

function ended({ written, stale, filtered, deadLettered }: Readonly<FileCounts>): number {
  return written + stale + filtered + deadLettered;
}
