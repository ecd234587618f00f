import Table from "cli-table3";
import { formatDuration } from "../../pipelines/format-duration";
import {
  type LoadEstimate,
  type LoadPlan,
  loadTime,
  type TableSize,
  type TimeRange,
  workersFor,
} from "./load-estimate";
import { formatBytes } from "./quantity";

const NODES = [1, 3, 10, 30, 100] as const;
const WORKERS = [1, 2, 4, 8, 16, 32, 64, 128] as const;

const CLOSED_BY: Readonly<Record<LoadEstimate["commitLimit"], string>> = {
  rows: "4,000 rows, beyond which a commit gains nothing",
  cells: "40,000 cells, half of Spanner's 80,000 mutations",
  bytes: "1 MiB, as Spanner advises for bulk loads",
};

/** The estimate as a text for people, with a table of what so many workers and nodes make of it. */
export function sizeReport(size: TableSize, plan: LoadPlan, estimate: LoadEstimate): string {
  const { bytesPerItem, rowsPerCommit, commitLimit, commits, workerSeconds, nodeSeconds, storageNodes } = estimate;
  const check = plan.exclusive
    ? "No version check (--exclusive)."
    : `The version check is in it: ${percent(estimate.versionCheckOfWorkers)} of the workers' time, ${percent(estimate.versionCheckOfNodes)} of Spanner's.`;
  return [
    `${whole(size.items)} items, ${formatBytes(size.bytes)}: ${whole(bytesPerItem)} bytes an item, ${whole(size.cellsPerRow)} cells a row`,
    "",
    `Workers: ${formatDuration(workerSeconds)} of one core. Spanner (${plan.instance}): ${range(nodeSeconds)} of one node.`,
    check,
    `Commits: ${whole(commits)} of up to ${whole(rowsPerCommit)} rows; what closes them: ${CLOSED_BY[commitLimit]}.`,
    `Storage: at least ${whole(storageNodes)} node${storageNodes === 1 ? "" : "s"} for the rows alone.`,
    "",
    "Time of the load, from the best that Spanner's documents promise to the rate of single writes:",
    "",
    times(estimate),
  ].join("\n");
}

function times(estimate: LoadEstimate): string {
  const nodes = NODES.filter((count) => count >= estimate.storageNodes);
  const columns = nodes.length === 0 ? [estimate.storageNodes] : nodes;
  const table = new Table({
    head: ["workers", ...columns.map((count) => `${count} node${count === 1 ? "" : "s"}`)],
    style: { head: [], border: [] },
    colAligns: ["right", ...columns.map(() => "right" as const)],
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const workers of WORKERS) {
    table.push([workers, ...columns.map((count) => range(loadTime(estimate, workers, count)))]);
  }
  table.push(["enough", ...columns.map((count) => `${whole(workersFor(estimate, count))} workers`)]);
  return table.toString();
}

function range({ best, worst }: TimeRange): string {
  const [from, to] = [formatDuration(best), formatDuration(worst)];
  return from === to ? from : `${from} to ${to}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
