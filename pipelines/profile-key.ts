import { MigrationError } from "../errors/migration-error";
import type { DataFile } from "../export/open-export";
import type { Item } from "../schema/attribute-value";
import { guessKey } from "../schema/profile/guess-key";
import type { ItemProfile, SourceKey } from "../schema/profile/item-profile";
import { forEachItem } from "../transforms/block-items";
import { sampleBlocks, shareSample } from "../transforms/sample-export";
import { log } from "./log";

/** Enough to see that an attribute is no key. */
const PEEKED_ITEMS = 2_000;

/**
 * The key of the exported table: as the options name it, else guessed from some items, for an export does not say.
 *
 * @throws MigrationError E_PROFILE_KEY if several attributes could be it, or none
 */
export async function findKey(
  options: { readonly partitionKey: string | undefined; readonly sortKey: string | undefined },
  table: string,
  files: readonly DataFile[],
): Promise<SourceKey> {
  const { partitionKey, sortKey } = options;
  if (partitionKey !== undefined) return { partitionKey, ...(sortKey === undefined ? {} : { sortKey }) };
  const items = await peek(files);
  if (items.length === 0) throw new MigrationError("E_PROFILE_KEY", "the export has no items to see the key by");
  const guess = guessKey(items, table);
  if (guess.kind === "unclear") throw new MigrationError("E_PROFILE_KEY", guess.reason);
  const { key } = guess;
  const names = key.sortKey === undefined ? key.partitionKey : `${key.partitionKey} and ${key.sortKey}`;
  log.warn(`The export does not say which attributes are the key. Taken for it: ${names}; ${guess.reason}.`);
  return key;
}

async function peek(files: readonly DataFile[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const sample of shareSample(files, PEEKED_ITEMS)) {
    for await (const block of sampleBlocks(sample)) {
      forEachItem(block, { item: (item) => items.push(item), unreadable: () => undefined });
    }
  }
  return items;
}

/**
 * Checks that the key is one: every item has it, and no two the same. Otherwise rows would overwrite each other.
 *
 * @throws MigrationError E_PROFILE_KEY
 */
export function checkKey({ partitionKey, sortKey }: SourceKey, { withoutKey, keys, items }: ItemProfile): void {
  const names = sortKey === undefined ? partitionKey : `${partitionKey} and ${sortKey}`;
  if (withoutKey > 0) {
    throw new MigrationError(
      "E_PROFILE_KEY",
      `${names} can't be the key: ${withoutKey} of ${items} items lack it, or have another type there than String, Number or Binary`,
    );
  }
  if (keys.duplicates > 0) {
    const count = keys.duplicates === 1 ? "two items share" : "several items share";
    throw new MigrationError("E_PROFILE_KEY", `${names} can't be the key: ${count} a value of it`);
  }
}
