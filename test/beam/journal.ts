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

/** Resolves when `condition` holds; the test's timeout is the limit. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await nextTurn();
  }
}
