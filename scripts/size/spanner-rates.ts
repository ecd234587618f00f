/**
 * What Spanner's documentation says one node (1,000 processing units) does. All of them are "approximate", at 100 % CPU
 * and for keys that spread evenly; as of November 2026.
 */
export interface NodeRates {
  /** Rows of 1 KB, each written by a commit of its own, a second. */
  readonly writes: number;
  /** Rows of 1 KB, each read by a request of its own, a second. */
  readonly reads: number;
}

/** https://cloud.google.com/spanner/docs/performance, "Performance for typical workloads", without throughput optimized writes. */
export const nodeRates = {
  regional: { writes: 3500, reads: 22_500 },
  "multi-region": { writes: 2700, reads: 15_000 },
} as const satisfies Record<string, NodeRates>;

export type InstanceKind = keyof typeof nodeRates;

/** The size of row that these rates hold for (same page). Smaller rows are not counted as less. */
export const RATED_ROW_BYTES = 1000;

/**
 * The lower end of the "10-20 MB per second per node" that bulk loads reach at most
 * (https://cloud.google.com/spanner/docs/bulk-loading). Its upper end is for commits of neighbouring keys: those of an
 * export are not, as its files hold items in the order of DynamoDB's hashes.
 */
export const BULK_BYTES_PER_NODE_SECOND = 10e6;

/** What a node stores (https://cloud.google.com/spanner/quotas, "Instance limits"). */
export const STORED_BYTES_PER_NODE = 10 * 1024 ** 4;
