import type { ErrorCode } from "../../errors/codes";
import { type AttributeValue, attributeOf, type Item, tagOf } from "../attribute-value";
import { isShortInteger } from "../decimal";
import { AttributeTree, type AttributeTreeState, type PathBudget } from "./attribute-tree";
import { KeySample, type KeySampleState } from "./key-sample";
import {
  ANY_TEXT,
  coarserShape,
  type KeyShape,
  keyShape,
  NO_KEY,
  type ShapeDetail,
  shapePattern,
  variableCount,
} from "./key-shape";
import { ValueGatherer, type ValueOptions, type ValueProfile } from "./value-profile";

/** Places (attributes, entries of Maps, elements of Lists) that are profiled one by one, in all groups together. */
export const MAX_PATHS = 5_000;
/** More kinds of items than this are no single-table design but texts that happen to look like words. */
const MAX_GROUPS = 64;

/** The key attributes of the source. */
export interface SourceKey {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

/** The items whose keys have the same shapes. */
export interface ItemGroup {
  readonly partition: KeyShape;
  readonly sort: KeyShape;
  readonly items: number;
  readonly attributes: AttributeTreeState;
  /** What varies in the partition key: of `CUSTOMER#17` the 17. */
  readonly partitionPart: ValueProfile;
}

/** All that a profile knows, as plain JSON: what a worker hands on, and what several workers' findings add up to. */
export interface ItemProfile {
  readonly items: number;
  /** Lines that are no items, by the code of what is wrong. */
  readonly unreadable: readonly (readonly [code: ErrorCode, count: number])[];
  /** Items that lack a key attribute, or have one that is no String, Number or Binary. */
  readonly withoutKey: number;
  readonly keys: KeySampleState;
  readonly detail: ShapeDetail;
  readonly groups: readonly ItemGroup[];
  /** Values at places beyond the bound of {@link MAX_PATHS}. */
  readonly untrackedValues: number;
}

const COARSER: Readonly<Record<ShapeDetail, ShapeDetail>> = {
  "all words": "first word",
  "first word": "none",
  none: "none",
};

interface Group {
  readonly partition: KeyShape;
  readonly sort: KeyShape;
  items: number;
  tree: AttributeTree;
  readonly partitionPart: ValueGatherer;
  readonly partPattern: RegExp | undefined;
}

/** Gathers an {@link ItemProfile} in constant memory, whatever the number of items. */
export class ItemGatherer {
  #items = 0;
  #withoutKey = 0;
  #detail: ShapeDetail = "all words";
  #groups = new Map<string, Group>();
  #budget: PathBudget;
  readonly #unreadable = new Map<ErrorCode, number>();
  readonly #keys = new KeySample();

  constructor(
    readonly key: SourceKey,
    readonly options: ValueOptions,
    readonly maxPaths: number = MAX_PATHS,
  ) {
    this.#budget = { left: maxPaths, untrackedValues: 0 };
  }

  addUnreadable(code: ErrorCode): void {
    this.#unreadable.set(code, (this.#unreadable.get(code) ?? 0) + 1);
  }

  add(item: Item): void {
    this.#items += 1;
    const partition = attributeOf(item, this.key.partitionKey);
    const sort = this.key.sortKey === undefined ? undefined : attributeOf(item, this.key.sortKey);
    if (!isKeyValue(partition) || (this.key.sortKey !== undefined && !isKeyValue(sort))) {
      this.#withoutKey += 1;
      return;
    }
    this.#keys.add(`${keyText(partition)}\u0000${sort === undefined ? "" : keyText(sort)}`);
    const group = this.#group(
      keyShape(partition, this.#detail),
      sort === undefined ? NO_KEY : keyShape(sort, this.#detail),
    );
    group.items += 1;
    group.tree.add(item);
    const part = group.partPattern === undefined ? undefined : group.partPattern.exec(partition.S ?? "")?.[1];
    if (part !== undefined) group.partitionPart.add(isShortInteger(part) ? { N: part } : { S: part }, this.options);
    if (this.#groups.size > MAX_GROUPS) this.#coarsen(COARSER[this.#detail]);
  }

  merge(other: ItemProfile): void {
    this.#items += other.items;
    this.#withoutKey += other.withoutKey;
    for (const [code, count] of other.unreadable) {
      this.#unreadable.set(code, (this.#unreadable.get(code) ?? 0) + count);
    }
    this.#keys.merge(other.keys);
    this.#budget.untrackedValues += other.untrackedValues;
    if (coarseness(other.detail) > coarseness(this.#detail)) this.#coarsen(other.detail);
    for (const group of other.groups) this.#mergeGroup(group);
    while (this.#groups.size > MAX_GROUPS) this.#coarsen(COARSER[this.#detail]);
  }

  get profile(): ItemProfile {
    return {
      items: this.#items,
      unreadable: [...this.#unreadable],
      withoutKey: this.#withoutKey,
      keys: this.#keys.state,
      detail: this.#detail,
      groups: this.#states(),
      untrackedValues: this.#budget.untrackedValues,
    };
  }

  #states(): readonly ItemGroup[] {
    return [...this.#groups.values()].map(({ partition, sort, items, tree, partitionPart }) => ({
      partition,
      sort,
      items,
      attributes: tree.state,
      partitionPart: partitionPart.profile,
    }));
  }

  #group(partition: KeyShape, sort: KeyShape): Group {
    const id = `${partition}\u0000${sort}`;
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const group: Group = {
      partition,
      sort,
      items: 0,
      tree: this.#newTree(),
      partitionPart: new ValueGatherer(),
      partPattern:
        partition === ANY_TEXT || variableCount(partition) === 0
          ? undefined
          : new RegExp(shapePattern(partition, 0), "u"),
    };
    this.#groups.set(id, group);
    return group;
  }

  #newTree(): AttributeTree {
    const { partitionKey, sortKey } = this.key;
    return new AttributeTree(
      this.options,
      this.#budget,
      sortKey === undefined ? [partitionKey] : [partitionKey, sortKey],
    );
  }

  #mergeGroup({ partition, sort, items, attributes, partitionPart }: ItemGroup): void {
    const group = this.#group(coarserShape(partition, this.#detail), coarserShape(sort, this.#detail));
    const isNew = group.items === 0;
    group.items += items;
    // A group that is new here has lost nothing here: there is nothing to give up.
    if (isNew) group.tree = this.#newTree();
    group.tree.merge(attributes);
    group.partitionPart.merge(partitionPart);
  }

  /** Puts groups together whose shapes are the same with less detail. */
  #coarsen(detail: ShapeDetail): void {
    const groups = this.#states();
    this.#detail = detail;
    this.#groups = new Map();
    this.#budget = { left: this.maxPaths, untrackedValues: this.#budget.untrackedValues };
    for (const group of groups) this.#mergeGroup(group);
    if (this.#groups.size > MAX_GROUPS && detail !== "none") this.#coarsen(COARSER[detail]);
  }
}

/** The profile of the same items with less detail of their keys. */
export function coarserProfile(profile: ItemProfile, detail: ShapeDetail, options: ValueOptions): ItemProfile {
  const gatherer = new ItemGatherer({ partitionKey: "" }, options, Number.MAX_SAFE_INTEGER);
  gatherer.merge({ ...profile, detail });
  return gatherer.profile;
}

function coarseness(detail: ShapeDetail): number {
  return detail === "all words" ? 0 : detail === "first word" ? 1 : 2;
}

function isKeyValue(value: AttributeValue | undefined): value is AttributeValue {
  return value !== undefined && ["S", "N", "B"].includes(tagOf(value));
}

function keyText(value: AttributeValue): string {
  return `${value.S ?? value.N ?? value.B ?? ""}`;
}
