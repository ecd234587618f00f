import type { FileCounts } from "../transforms/ledger";
import { readReports, removeReports, type WorkerReport } from "../transforms/worker-report";
import type { CountsFile } from "../transforms/write-counts";

const POLL_MILLISECONDS = 5000;

export interface FollowedWorkers {
  /** What all workers of the pass have done so far, as they say; of workers that were lost, too. */
  total(): Partial<FileCounts>;
  /** To be called when the pass has ended: shows what was still said, and removes the reports. */
  stop(): Promise<void>;
}

/**
 * Reads what the workers of a remote runner say while a pass runs ({@link WorkerReport}), and hands on each of their
 * warnings once. Nothing here fails: the pass is proven by the counts at its end.
 */
export function followWorkers(
  countsFile: CountsFile,
  warn: (text: string) => void,
  interval = POLL_MILLISECONDS,
): FollowedWorkers {
  let reports: ReadonlyMap<string, WorkerReport> = new Map();
  const shown = new Map<string, number>();
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      reports = await readReports(countsFile);
    } catch {
      return;
    }
    for (const [name, { worker, warnings }] of reports) {
      for (const text of warnings.slice(shown.get(name) ?? 0)) warn(`${worker}: ${text}`);
      shown.set(name, warnings.length);
    }
  };
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void lookOnce(), interval);

  return {
    total() {
      const sum: Partial<FileCounts> = {};
      for (const { counts } of reports.values()) {
        for (const [name, count] of Object.entries(counts) as [keyof FileCounts, number][]) {
          sum[name] = (sum[name] ?? 0) + count;
        }
      }
      return sum;
    },
    async stop() {
      clearInterval(timer);
      await looking;
      await look();
      await removeReports(countsFile).catch(() => undefined);
    },
  };
}
