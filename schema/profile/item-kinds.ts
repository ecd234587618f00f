import type { ItemGroup, ItemProfile } from "./item-profile";
import { ANY_TEXT, isConstantShape, type KeyShape, NO_KEY, shapePieces, shapeWords, variableCount } from "./key-shape";

/** A kind of items that gets a table of its own: those whose keys have these shapes. */
export interface ItemKind {
  readonly group: ItemGroup;
  /** The kind in whose table this one's is interleaved: the items' keys begin with that kind's. */
  readonly parent?: ItemKind;
}

export interface ItemKinds {
  /** Parents before children. */
  readonly kinds: readonly ItemKind[];
  /** Groups too rare for a table, and those without a pattern: one table takes them, by their whole keys. */
  readonly others: readonly ItemGroup[];
}

/** A pattern that fewer items have than one in so many gets no table of its own. */
const RAREST = 10_000;
/** Spanner takes 7 tables in one chain of parents; more than 3 are rarely meant. */
const MAX_DEPTH = 4;
/** What the item is called that describes the partition itself. */
const ROOT_WORD = /^(?:PROFILE|METADATA|META|INFO|ROOT|DETAILS?|DATA|SUMMARY|HEADER|SELF|ITEM|MAIN|A)$/i;

/**
 * Finds the kinds of items of a single-table design. Without one (no key with a fixed word followed by something that
 * varies) all items are of one kind.
 */
export function findItemKinds(profile: ItemProfile): ItemKinds {
  const groups = profile.groups.filter(({ items }) => items > 0);
  if (!groups.some(isStructured)) return { kinds: [], others: groups };
  const frequent = groups.filter((group) => isKind(group) && group.items * RAREST >= profile.items);
  const kinds = new Map<ItemGroup, ItemKind>();
  const roots = rootsOf(frequent);
  // Shorter patterns first, so that a parent's kind is there before its children's.
  for (const group of frequent.toSorted((left, right) => keyLength(left) - keyLength(right))) {
    const parent = parentOf(group, [...kinds.values()], roots);
    kinds.set(group, { group, ...(parent === undefined ? {} : { parent }) });
  }
  return { kinds: [...kinds.values()], others: groups.filter((group) => !kinds.has(group)) };
}

/** A fixed word with something that varies behind it. */
function isStructured({ partition, sort }: ItemGroup): boolean {
  return [partition, sort].some((shape) => shape !== ANY_TEXT && !isConstantShape(shape));
}

/** Whether the group has a pattern and its key columns would tell its items apart. */
function isKind({ partition, sort }: ItemGroup): boolean {
  if (partition === ANY_TEXT && (sort === ANY_TEXT || sort === NO_KEY)) return false;
  return variableCount(partition) + variableCount(sort) > 0;
}

function keyLength({ partition, sort }: ItemGroup): number {
  return variableCount(partition) + variableCount(sort);
}

/** For each shape of partition keys the group of the one item that describes a partition. */
function rootsOf(groups: readonly ItemGroup[]): ReadonlyMap<KeyShape, ItemGroup> {
  const roots = new Map<KeyShape, ItemGroup>();
  for (const group of groups) {
    if (!isConstantShape(group.sort) || variableCount(group.partition) === 0) continue;
    const known = roots.get(group.partition);
    if (known === undefined || rank(group) > rank(known)) roots.set(group.partition, group);
  }
  return roots;
}

/** Names that say so come first, then what there is most of. */
function rank({ partition, sort, items }: ItemGroup): number {
  const word = shapeWords(sort)[0] ?? "";
  return (ROOT_WORD.test(word) || shapeWords(partition).includes(word) ? Number.MAX_SAFE_INTEGER / 2 : 0) + items;
}

function parentOf(
  group: ItemGroup,
  kinds: readonly ItemKind[],
  roots: ReadonlyMap<KeyShape, ItemGroup>,
): ItemKind | undefined {
  const candidates = kinds.filter(
    (kind) =>
      kind.group.partition === group.partition && keyLength(kind.group) < keyLength(group) && depth(kind) < MAX_DEPTH,
  );
  const nearest = candidates
    .filter((kind) => isBeginning(kind.group.sort, group.sort))
    .toSorted((left, right) => keyLength(right.group) - keyLength(left.group))[0];
  return nearest ?? candidates.find((kind) => kind.group === roots.get(group.partition));
}

/** Whether texts of the longer shape begin with a text of the shorter one, at a boundary of pieces. */
function isBeginning(shorter: KeyShape, longer: KeyShape): boolean {
  if (shorter === ANY_TEXT || isConstantShape(shorter)) return false;
  const begin = shapePieces(shorter);
  const pieces = shapePieces(longer);
  return begin.length < pieces.length && begin.every((piece, index) => piece === pieces[index]);
}

function depth({ parent }: ItemKind): number {
  return parent === undefined ? 1 : depth(parent) + 1;
}
