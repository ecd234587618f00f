import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { workerWarnings } from "../beam/worker-log";
import { openFolder } from "../storage/open-folder";
import { type FileCounts, openLedger } from "./ledger";
import type { CountsFile } from "./write-counts";

/** What one worker process says of a pass while it runs. */
export interface WorkerReport {
  /** `host, process 4711` */
  readonly worker: string;
  /**
   * What its steps have done so far, of bundles that have not come to their end too: for people to look at. What a load
   * is proven by are the counts at its end.
   */
  readonly counts: FileCounts;
  /** The first lines of what it has printed as warnings and errors, in order; of so many lines only. */
  readonly warnings: readonly string[];
}

/** Cloud Storage takes one change of an object a second. */
const INTERVAL_MILLISECONDS = 5000;

/** Two workers of one number on one machine, or in containers of one name, are different workers. */
const reporter = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
const reported = new Set<string>();

/** The names of a pass's reports begin with this. */
export function reportsPrefix({ name }: CountsFile): string {
  return `${name.replace(/\.json$/, "")}.workers/`;
}

/**
 * From now on, this process leaves a {@link WorkerReport} of a pass every five seconds, if there is anything new, in a file
 * of its own beside where the pass's counts will be. Once is enough for all steps. What can't be stored is left out: a
 * load does not fail for lack of a progress line.
 */
export function reportWorker(runId: string, countsFile: CountsFile, interval = INTERVAL_MILLISECONDS): void {
  const name = `${reportsPrefix(countsFile)}${reporter}.json`;
  if (reported.has(name)) return;
  reported.add(name);
  let last = "";
  let storing = false;
  const timer = setInterval(async () => {
    if (storing) return;
    const { total } = openLedger(runId);
    const report: WorkerReport = {
      worker: `${hostname()}, process ${process.pid}`,
      counts: { ...total },
      warnings: workerWarnings(),
    };
    const text = JSON.stringify(report);
    if (text === last) return;
    storing = true;
    try {
      await openFolder(countsFile.folder).write(name, Buffer.from(text));
      last = text;
    } catch {
      // The next one may have better luck, and holds all that this one does.
    } finally {
      storing = false;
    }
  }, interval);
  // A worker ends when its runner has no more for it.
  timer.unref();
}

/** All reports of a pass that there are at this moment. */
export async function readReports(countsFile: CountsFile): Promise<ReadonlyMap<string, WorkerReport>> {
  const folder = openFolder(countsFile.folder);
  const files = await folder.list(reportsPrefix(countsFile));
  const reports = files.map(
    async ({ name }) => [name, JSON.parse((await folder.readWhole(name)).toString()) as WorkerReport] as const,
  );
  return new Map(await Promise.all(reports));
}

export async function removeReports(countsFile: CountsFile): Promise<void> {
  const folder = openFolder(countsFile.folder);
  for (const { name } of await folder.list(reportsPrefix(countsFile))) await folder.remove(name);
}
