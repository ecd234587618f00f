import { setImmediate } from "node:timers/promises";

const journals = new Map<string, string[]>();

/**
 * What DoFns of a test have noted, in order. A DoFn works on a copy of itself, so it names its journal instead of
 * holding it.
 */
export function journalOf(name: string): string[] {
  const known = journals.get(name);
  if (known !== undefined) {
    return known;
  }
  const journal: string[] = [];
  journals.set(name, journal);
  return journal;
}

/** One turn of the event loop: real asynchrony without waiting. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}

/** How long a condition may take, on a machine that is busy with other things. */
const PATIENCE_MILLISECONDS = 20_000;

/** Resolves when `condition` holds; throws if it does not within 20 s, so that a failed test does not go on for ever. */
export async function eventually(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`It did not come true: ${condition}`);
    }
    await nextTurn();
  }
}
