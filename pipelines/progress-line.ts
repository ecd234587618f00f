import { SingleBar } from "cli-progress";
import { log } from "./log";

const LOG_INTERVAL_MILLISECONDS = 10_000;
const BAR_INTERVAL_MILLISECONDS = 250;

/** How far a run is, where its end is known. */
export interface Extent {
  readonly total: number;
  done(): number;
}

/**
 * Shows a line until the returned function is called: on a terminal one that renews itself, with a bar if there is an
 * extent; elsewhere a log line every 10 seconds.
 */
export function showLine(line: () => string, extent?: Extent): () => void {
  if (!process.stderr.isTTY) {
    const timer = setInterval(() => log.info(line()), LOG_INTERVAL_MILLISECONDS);
    return () => clearInterval(timer);
  }
  const bar = new SingleBar({
    format: extent === undefined ? "{line}" : "[{bar}] {line}",
    barsize: 24,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // The launcher owns the signals: a bar that exits the process would cut off commits under way.
    gracefulExit: false,
  });
  const update = () => bar.update(extent?.done() ?? 0, { line: line() });
  bar.start(Math.max(extent?.total ?? 1, 1), 0, { line: line() });
  const timer = setInterval(update, BAR_INTERVAL_MILLISECONDS);
  return () => {
    clearInterval(timer);
    update();
    bar.stop();
  };
}
