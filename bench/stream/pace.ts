/**
 * How many of the changes should have been published by now.
 *
 * @param rate changes a second
 */
export function dueChanges(rate: number, total: number, elapsedMilliseconds: number): number {
  return Math.min(total, Math.floor((rate * elapsedMilliseconds) / 1000));
}

/** The value below or at which this share (0 to 1) of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
