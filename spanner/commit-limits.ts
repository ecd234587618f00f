/**
 * Limits of one commit, with their sources, and how much of them is used.
 */

/** Mutations of a commit: one for each column of each row, and one for each index entry
 * (https://cloud.google.com/spanner/quotas#limits-for, "Mutations per commit"). The emulator does not enforce it. */
export const MAX_CELLS_PER_COMMIT = 80_000;

/** Size of a commit (same page, "Commit size"). Over it, the emulator does not answer at all. */
export const MAX_COMMIT_BYTES = 100 * 1024 * 1024;

/** Half of the limit: a changed row of an index counts for the entry that goes and for the one that comes. */
export const DEFAULT_CELLS_PER_COMMIT = 40_000;

/** A commit costs the client about 1.1 ms and each row some 10 microseconds: beyond this, nothing is left to win. */
export const DEFAULT_ROWS_PER_COMMIT = 4000;

/** Spanner advises 1 to 5 MB (https://cloud.google.com/spanner/docs/bulk-loading); SpannerIO of Beam commits 1 MiB. */
export const DEFAULT_BYTES_PER_COMMIT = 1024 * 1024;

/** How much a commit may hold. A single row that is over `bytes` or `cells` makes a commit of its own. */
export interface CommitLimits {
  readonly rows: number;
  readonly cells: number;
  readonly bytes: number;
}

export const defaultCommitLimits: CommitLimits = {
  rows: DEFAULT_ROWS_PER_COMMIT,
  cells: DEFAULT_CELLS_PER_COMMIT,
  bytes: DEFAULT_BYTES_PER_COMMIT,
};
