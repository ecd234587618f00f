import { type AttributeTag, attributeOf, type Item, tagOf } from "../attribute-value";
import type { SourceKey } from "./item-profile";

/** What an export does not say: which attributes are the key. */
export type KeyGuess =
  | { readonly kind: "found"; readonly key: SourceKey; readonly reason: string }
  /** Several would do, or none. */
  | { readonly kind: "unclear"; readonly reason: string };

const KEY_TAGS: readonly AttributeTag[] = ["S", "N", "B"];
/** Names that single-table designs give to their keys: partition key, then sort key. */
const CONVENTIONAL_PAIRS: readonly (readonly [string, string])[] = [
  ["pk", "sk"],
  ["partitionkey", "sortkey"],
  ["hashkey", "rangekey"],
  ["hash", "range"],
  ["hk", "rk"],
];
/** Pairs are tried among so many attributes at most: they are as many as its square. */
const MAX_PAIRED = 12;

/**
 * Guesses the key from some items: an attribute that each of them has, always of one key type, and no two alike; or two
 * such attributes together. Where several would do, only a conventional name decides.
 */
export function guessKey(items: readonly Item[], table: string): KeyGuess {
  const always = alwaysThere(items);
  const pair = conventionalPair(always);
  if (pair !== undefined && isUnique(items, pair)) {
    const [partitionKey = "", sortKey = ""] = pair;
    return found({ partitionKey, sortKey }, "they are named as keys are, and no two items share them");
  }
  const single = always.filter((name) => isUnique(items, [name]));
  if (single.length > 0) return guessSingle(single, table);
  return guessPair(items, always);
}

function guessSingle(names: readonly string[], table: string): KeyGuess {
  const [name] = names;
  if (name !== undefined && names.length === 1) {
    return found({ partitionKey: name }, "it is the only attribute that each item has and no two share");
  }
  const likely = names.filter((each) => isKeyName(each, table));
  const [only] = likely;
  if (only !== undefined && likely.length === 1) {
    return found({ partitionKey: only }, "of the attributes that no two items share it alone is named as a key is");
  }
  return { kind: "unclear", reason: `each of ${names.join(", ")} could be the partition key` };
}

function isKeyName(name: string, table: string): boolean {
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const owner = table.toLowerCase().replace(/[^a-z0-9]/g, "");
  const singular = owner.replace(/s$/, "");
  return ["id", "pk", "key", "partitionkey", "hashkey", `${owner}id`, `${singular}id`, `${singular}key`].includes(
    folded,
  );
}

function guessPair(items: readonly Item[], always: readonly string[]): KeyGuess {
  const names = always.slice(0, MAX_PAIRED);
  const pairs = names.flatMap((left, index) => names.slice(index + 1).map((right) => [left, right] as const));
  const unique = pairs.filter((pair) => isUnique(items, pair));
  const [only] = unique;
  if (only === undefined || unique.length > 1) {
    const list = unique.map((pair) => pair.join(" and ")).join("; ");
    const reason =
      only === undefined
        ? "no attribute, and no two together, tell the items apart"
        : `each of these could be the key: ${list}`;
    return { kind: "unclear", reason };
  }
  const [first, second] = only;
  // Items with one partition key lie together in an export, so its value changes less often from line to line.
  const [partitionKey, sortKey] = changes(items, first) <= changes(items, second) ? only : [second, first];
  return found(
    { partitionKey, sortKey },
    "only together no two items share them, and items of one partition lie together",
  );
}

function found(key: SourceKey, reason: string): KeyGuess {
  return { kind: "found", key, reason };
}

function alwaysThere(items: readonly Item[]): readonly string[] {
  const [first] = items;
  if (first === undefined) return [];
  return Object.keys(first).filter((name) => {
    const value = attributeOf(first, name);
    const tag = value === undefined ? undefined : tagOf(value);
    if (tag === undefined || !KEY_TAGS.includes(tag)) return false;
    return items.every((item) => {
      const other = attributeOf(item, name);
      return other !== undefined && tagOf(other) === tag && textOf(item, name) !== "";
    });
  });
}

function conventionalPair(names: readonly string[]): readonly string[] | undefined {
  const byFolded = new Map(names.map((name) => [name.toLowerCase().replace(/[^a-z]/g, ""), name]));
  for (const [partition, sort] of CONVENTIONAL_PAIRS) {
    const left = byFolded.get(partition);
    const right = byFolded.get(sort);
    if (left !== undefined && right !== undefined) return [left, right];
  }
  return undefined;
}

function isUnique(items: readonly Item[], names: readonly string[]): boolean {
  return new Set(items.map((item) => JSON.stringify(names.map((name) => textOf(item, name))))).size === items.length;
}

function changes(items: readonly Item[], name: string): number {
  return items.filter((item, index) => index > 0 && textOf(item, name) !== textOf(items[index - 1] ?? item, name))
    .length;
}

function textOf(item: Item, name: string): string {
  const value = attributeOf(item, name);
  return value?.S ?? value?.N ?? value?.B ?? "";
}
