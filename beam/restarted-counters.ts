import type { Counters } from "./launcher";

/** Counters of a job whose workers may start again, and then count from 0. */
export interface RestartedCounters {
  /** @param now what is counted at this moment @returns that with all that was counted before */
  see(now: Counters): Counters;
}

/**
 * A counter that is less than it was has started again. What it had gained since the last look is not known, so that the
 * sum is a lower bound.
 */
export function restartedCounters(): RestartedCounters {
  const before = new Map<string, number>();
  const last = new Map<string, number>();
  return {
    see(now) {
      for (const [name, count] of Object.entries(now)) {
        const seen = last.get(name) ?? 0;
        if (count < seen) before.set(name, (before.get(name) ?? 0) + seen);
        last.set(name, count);
      }
      return Object.fromEntries([...last].map(([name, count]) => [name, count + (before.get(name) ?? 0)]));
    },
  };
}
