import type { Item } from "../../schema/attribute-value";
import { hardItems } from "./hard-items";
import { shopItems } from "./shop-items";
import { tutorialItems } from "./tutorial-items";
import { wideItems } from "./wide-items";

/** A DynamoDB table of made-up items. All keys are Strings. */
export interface ItemSet {
  readonly table: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** So many items in a row share a partition key: they lie in one data file of an export, sorted by sort key. */
  readonly groupSize: number;
  /** The item of this index, from 0 to `total - 1`; the same seed gives the same item. */
  itemAt(position: ItemPosition): Item;
}

export interface ItemPosition {
  readonly index: number;
  readonly total: number;
  readonly seed: number;
}

export const itemSets = {
  tutorial: tutorialItems,
  hard: hardItems,
  wide: wideItems,
  shop: shopItems,
} as const satisfies Record<string, ItemSet>;

export type ItemSetName = keyof typeof itemSets;
export const itemSetNames = Object.keys(itemSets) as ItemSetName[];

/** Small enough that a page of any set needs little memory. */
const pageItems = 500;

export interface ItemRange {
  readonly from: number;
  /** Index behind the last item. */
  readonly to: number;
  readonly total: number;
  readonly seed: number;
}

/** The items of a range, a page at a time. */
export function* pagesOf(set: ItemSet, { from, to, total, seed }: ItemRange): Generator<readonly Item[]> {
  for (let start = from; start < to; start += pageItems) {
    const length = Math.min(pageItems, to - start);
    yield Array.from({ length }, (_, offset) => set.itemAt({ index: start + offset, total, seed }));
  }
}
