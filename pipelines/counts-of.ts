import type { Counters } from "../beam/launcher";
import { type ChangeCounts, noChanges } from "../transforms/change-ledger";

/** What the steps of a job have counted, from its runner's counters; see `metered`. */
export function countsOf(counters: Counters): ChangeCounts {
  const names = Object.keys(noChanges()) as (keyof ChangeCounts)[];
  return Object.fromEntries(names.map((name) => [name, counters[name] ?? 0])) as unknown as ChangeCounts;
}
