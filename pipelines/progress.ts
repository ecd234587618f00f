import { type SingleBar as Bar, SingleBar } from "cli-progress";
import type { Ledger } from "../transforms/ledger";
import { log } from "./log";

const LOG_INTERVAL_MILLISECONDS = 10_000;
const BAR_INTERVAL_MILLISECONDS = 250;

/**
 * Shows how far a run has come until the returned function is called: a line that renews itself on a terminal, else a
 * log line every 10 seconds. `expected` is the number of items that there are to read, where it is known.
 */
export function showProgress(ledger: Ledger, expected: number | undefined, quiet: boolean): () => void {
  if (quiet) return () => undefined;
  const started = performance.now();
  const line = () => describeProgress(ledger, expected, (performance.now() - started) / 1000);
  if (!process.stderr.isTTY) {
    const timer = setInterval(() => log.info(line()), LOG_INTERVAL_MILLISECONDS);
    return () => clearInterval(timer);
  }
  const bar: Bar = new SingleBar({
    format: expected === undefined ? "{line}" : "[{bar}] {line}",
    barsize: 24,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // The launcher owns the signals: a bar that exits the process would cut off commits under way.
    gracefulExit: false,
  });
  const update = () => bar.update(ended(ledger), { line: line() });
  bar.start(Math.max(expected ?? 1, 1), 0, { line: line() });
  const timer = setInterval(update, BAR_INTERVAL_MILLISECONDS);
  return () => {
    clearInterval(timer);
    update();
    bar.stop();
  };
}

/** One line: rows, rows per second, percentage and time left where the total is known, dead letters. */
export function describeProgress(ledger: Ledger, expected: number | undefined, seconds: number): string {
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

function ended(ledger: Ledger): number {
  const { written, stale, filtered, deadLettered } = ledger.total;
  return written + stale + filtered + deadLettered;
}

/** `75` → `1 m 15 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} m`;
}
