import type { Item } from "./attribute-value";

/**
 * Attributes which global tables of version 2017.11.29 add to every item: `aws:rep:deleting`, `aws:rep:updatetime` and
 * `aws:rep:updateregion`. They belong to the replication, not to the data
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables_HowItWorks.html).
 */
const PREFIX = "aws:rep:";
const DELETING = "aws:rep:deleting";

export function isReplicationAttribute(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The item without its replication attributes; the same object if it has none. */
export function withoutReplicationAttributes(item: Item): Item {
  const names = Object.keys(item);
  if (!names.some(isReplicationAttribute)) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => !isReplicationAttribute(name)));
}

/**
 * True if the image is that of an item which a replica is about to delete. To carry a delete to another region, the
 * replication first sets `aws:rep:deleting` on the item there (a MODIFY with a whole NewImage) and then removes it (a
 * REMOVE). Consumers that took the MODIFY for data and met it last have brought deleted items back
 * (https://github.com/ustaxcourt/ef-cms/pull/561).
 */
export function isBeingDeleted(image: Item): boolean {
  if (!Object.hasOwn(image, DELETING)) return false;
  const value = image[DELETING];
  return value !== undefined && "BOOL" in value && value.BOOL === true;
}
