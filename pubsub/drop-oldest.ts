/**
 * So many messages that are not here any more are remembered by their ids: some 20 MB. Another process may have taken them,
 * and no one ever tells.
 */
export const MAX_MESSAGES_REMEMBERED = 100_000;

/** Leaves the `most` entries that were put in last. */
export function dropOldest(entries: Map<string, unknown> | Set<string>, most: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= most) return;
    entries.delete(key);
  }
}
