import {
  DEFAULT_BYTES_PER_COMMIT,
  DEFAULT_CELLS_PER_COMMIT,
  DEFAULT_ROWS_PER_COMMIT,
} from "../../spanner/commit-limits";
import {
  BULK_BYTES_PER_NODE_SECOND,
  type InstanceKind,
  nodeRates,
  RATED_ROW_BYTES,
  STORED_BYTES_PER_NODE,
} from "./spanner-rates";

/** A table to be loaded. */
export interface TableSize {
  /** `ItemCount` of DynamoDB's DescribeTable. */
  readonly items: number;
  /** `TableSizeBytes` of DynamoDB's DescribeTable. */
  readonly bytes: number;
  /** Cells that a row counts for in a commit: its columns, and those of its indexes. */
  readonly cellsPerRow: number;
}

export interface LoadPlan {
  readonly instance: InstanceKind;
  /** `bulk --exclusive`: no look at versions. */
  readonly exclusive: boolean;
}

/** Seconds, from the best that the documents promise to the rate of single writes. */
export interface TimeRange {
  readonly best: number;
  readonly worst: number;
}

export interface LoadEstimate {
  readonly bytesPerItem: number;
  readonly rowsPerCommit: number;
  /** What closes a commit first. */
  readonly commitLimit: "rows" | "cells" | "bytes";
  readonly commits: number;
  /** CPU seconds of the workers, all together. */
  readonly workerSeconds: number;
  /** The share of `workerSeconds` that the version check takes, from 0 to 1. */
  readonly versionCheckOfWorkers: number;
  /** Node seconds of Spanner, all together. */
  readonly nodeSeconds: TimeRange;
  /** The share of the worse `nodeSeconds` that the version check takes, from 0 to 1. */
  readonly versionCheckOfNodes: number;
  /** Nodes that the data needs when it is loaded. */
  readonly storageNodes: number;
}

/**
 * Items and bytes of DynamoDB JSON that one worker, on one core, converts and sends in a second with `--exclusive`:
 * far below docs/performance.md, since not every mapping lets the scanner work. Items are dear when they are small, bytes
 * when they are large.
 */
const ITEMS_PER_WORKER_SECOND = 120_000;
const JSON_BYTES_PER_WORKER_SECOND = 15e6;

/** Bytes of an export's JSON for one byte that DynamoDB counts: 1.6 to 2.2 with the made-up items of scripts/fake-data. */
const JSON_BYTES_PER_STORED_BYTE = 2;

/** CPU of a worker with the version check over that without (docs/performance.md, `defaultModeCpu`). */
const VERSION_CHECK_CPU = 1.24;

/** What the load of a table takes of workers and of Spanner. Nothing here was measured on the real service. */
export function estimateLoad(
  { items, bytes, cellsPerRow }: TableSize,
  { instance, exclusive }: LoadPlan,
): LoadEstimate {
  const bytesPerItem = bytes / items;
  const { rows: rowsPerCommit, limit: commitLimit } = commitOf(bytesPerItem, cellsPerRow);

  const converting = Math.max(
    items / ITEMS_PER_WORKER_SECOND,
    (bytes * JSON_BYTES_PER_STORED_BYTE) / JSON_BYTES_PER_WORKER_SECOND,
  );
  const workerSeconds = exclusive ? converting : converting * VERSION_CHECK_CPU;

  const { writes, reads } = nodeRates[instance];
  // Each row is looked for in the version table, whether it is there or not.
  const checking = exclusive ? 0 : items / reads;
  const nodeSeconds = {
    best: bytes / BULK_BYTES_PER_NODE_SECOND + checking,
    worst: (ratedRows(bytesPerItem) * items) / writes + checking,
  };
  return {
    bytesPerItem,
    rowsPerCommit,
    commitLimit,
    commits: Math.ceil(items / rowsPerCommit),
    workerSeconds,
    versionCheckOfWorkers: 1 - converting / workerSeconds,
    nodeSeconds,
    versionCheckOfNodes: checking / nodeSeconds.worst,
    storageNodes: Math.ceil(bytes / STORED_BYTES_PER_NODE),
  };
}

/** Seconds of the load with so many workers and nodes: the slower of the two sides decides. */
export function loadTime(estimate: LoadEstimate, workers: number, nodes: number): TimeRange {
  const ofWorkers = estimate.workerSeconds / workers;
  return {
    best: Math.max(ofWorkers, estimate.nodeSeconds.best / nodes),
    worst: Math.max(ofWorkers, estimate.nodeSeconds.worst / nodes),
  };
}

/** Workers that keep so many nodes busy at their best. */
export function workersFor({ workerSeconds, nodeSeconds }: LoadEstimate, nodes: number): number {
  return Math.max(1, Math.ceil((workerSeconds * nodes) / nodeSeconds.best));
}

function ratedRows(bytesPerItem: number): number {
  return Math.max(1, bytesPerItem / RATED_ROW_BYTES);
}

function commitOf(bytesPerItem: number, cellsPerRow: number): { rows: number; limit: LoadEstimate["commitLimit"] } {
  const limits = [
    { limit: "rows" as const, rows: DEFAULT_ROWS_PER_COMMIT },
    { limit: "cells" as const, rows: Math.floor(DEFAULT_CELLS_PER_COMMIT / cellsPerRow) },
    { limit: "bytes" as const, rows: Math.floor(DEFAULT_BYTES_PER_COMMIT / bytesPerItem) },
  ];
  const closest = limits.reduce((left, right) => (right.rows < left.rows ? right : left));
  return { ...closest, rows: Math.max(1, closest.rows) };
}
