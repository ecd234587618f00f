import type { Dialect } from "../column-type";
import { foldIdentifier } from "../identifier";
import type { Mapping, TableMapping } from "../mapping-grammar";
import { defaultVersionTable } from "../version-table";
import type { AttributeNode, AttributeTreeState } from "./attribute-tree";
import { hotSpot } from "./hot-spots";
import { findItemKinds, type ItemKind } from "./item-kinds";
import { coarserProfile, type ItemGroup, type ItemProfile, type SourceKey } from "./item-profile";
import { ANY_TEXT, type KeyShape, shapeWords, variableCount } from "./key-shape";
import { type IndexOfSource, proposeIndexes } from "./propose-indexes";
import { proposeTable, type TableProposal } from "./propose-table";
import { pascalCase, plural, SpannerNames } from "./spanner-names";
import type { ValueOptions, ValueProfile } from "./value-profile";

export interface ProposalOptions {
  readonly table: string;
  readonly key: SourceKey;
  readonly dialect: Dialect;
  /** Only some of the items were read. */
  readonly sampled: boolean;
  readonly values: ValueOptions;
  /** Of a live table, which tells them. */
  readonly indexes?: readonly IndexOfSource[];
  readonly timeToLive?: string;
}

/** What a profile leads to. */
export interface Proposal {
  readonly mapping: Mapping;
  /** In the mapping's order. */
  readonly tables: readonly TableProposal[];
  /** Patterns of keys that get no table of their own, with their items. */
  readonly withoutPattern: readonly { readonly partition: KeyShape; readonly sort: KeyShape; readonly items: number }[];
  /** What the user should look at. */
  readonly warnings: readonly string[];
}

/** Proposes the mapping of a table whose items were profiled. */
export function proposeMapping(profile: ItemProfile, options: ProposalOptions): Proposal {
  const { kinds, others } = findItemKinds(profile);
  const names = tableNames(kinds, options.dialect);
  const attributeNames = attributeNamesOf(profile.groups);
  const { key, sampled, dialect } = options;
  const common = { key, sampled, dialect, attributeNames, keyNodes: keyNodesOf(profile.groups, options) };
  const proposed = kinds.map((kind) =>
    proposeTable({
      ...common,
      ...kind.group,
      name: names.byKind.get(kind) ?? "",
      parent: kind.parent,
      parentName: kind.parent === undefined ? undefined : names.byKind.get(kind.parent),
      takesAll: false,
    }),
  );
  // The more a pattern says the earlier it is asked: ORDER#17#LINE#3 begins with ORDER# too.
  const tables = proposed.toSorted((left, right) => specificity(right) - specificity(left));
  const rest = restOf(others, options.values);
  if (rest !== undefined) {
    const name = names.take(kinds.length === 0 ? options.table : `${options.table}Others`);
    const sort = options.key.sortKey === undefined ? "" : ANY_TEXT;
    tables.push(
      proposeTable({
        ...common,
        ...rest,
        name,
        partition: ANY_TEXT,
        sort,
        parent: undefined,
        parentName: undefined,
        takesAll: true,
      }),
    );
  }
  const { partitionKey, sortKey } = options.key;
  for (const { mapping } of tables) names.reserve(mapping.name);
  const mappings = tables.map((table) => proposeIndexes(table, options.indexes ?? [], names));
  return {
    mapping: {
      source: { table: options.table, partitionKey, ...(sortKey === undefined ? {} : { sortKey }) },
      tables: mappings,
    },
    tables,
    withoutPattern: kinds.length === 0 ? [] : others.map(({ partition, sort, items }) => ({ partition, sort, items })),
    warnings: warningsOf(profile, options, tables, mappings),
  };
}

function attributeNamesOf(groups: readonly ItemGroup[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ attributes }) => attributes.attributes.map(([name]) => foldIdentifier(name))));
}

function keyNodesOf(
  groups: readonly ItemGroup[],
  { key, values }: ProposalOptions,
): ReadonlyMap<string, AttributeNode> {
  const keys = [key.partitionKey, key.sortKey];
  const onlyKeys = groups.map((group) => {
    const attributes = group.attributes.attributes.filter(([name]) => keys.includes(name));
    return { ...group, attributes: { attributes, untrackedAttributes: 0 } };
  });
  return new Map(mergeGroups(onlyKeys, values).groups[0]?.attributes.attributes);
}

/** All groups in one. */
function restOf(
  groups: readonly ItemGroup[],
  values: ValueOptions,
): { readonly items: number; readonly attributes: AttributeTreeState } | undefined {
  if (groups.length === 0) return undefined;
  const merged = mergeGroups(groups, values);
  return merged.groups[0];
}

function mergeGroups(groups: readonly ItemGroup[], values: ValueOptions): ItemProfile {
  const items = groups.reduce((sum, group) => sum + group.items, 0);
  const withSort = groups.map((group) => ({ ...group, partition: ANY_TEXT, sort: ANY_TEXT }));
  return coarserProfile(
    {
      items,
      unreadable: [],
      withoutKey: 0,
      keys: { limit: 0, hashes: [], duplicates: 0 },
      detail: "none",
      groups: withSort,
      untrackedValues: 0,
    },
    "none",
    values,
  );
}

interface TableNames {
  readonly byKind: ReadonlyMap<ItemKind, string>;
  take(name: string): string;
  reserve(name: string): void;
}

function tableNames(kinds: readonly ItemKind[], dialect: Dialect): TableNames {
  const names = new SpannerNames(dialect);
  const take = (wanted: string): string => {
    let name = names.take(wanted);
    while (names.isTaken(defaultVersionTable(name))) name = names.take(wanted);
    names.reserve(defaultVersionTable(name));
    return name;
  };
  const byKind = new Map<ItemKind, string>();
  const isParent = (kind: ItemKind): boolean => kinds.some(({ parent }) => parent === kind);
  for (const kind of kinds) {
    const { partition, sort } = kind.group;
    const partitionWords = pascalCase(shapeWords(partition).join("_"));
    const sortWords = pascalCase(shapeWords(sort).join("_"));
    const isOnlyOne = kinds.filter(({ group }) => group.partition === partition).length === 1;
    const describesPartition = variableCount(sort) === 0 && partitionWords !== "" && (isParent(kind) || isOnlyOne);
    const short = describesPartition || sortWords === "" ? partitionWords : sortWords;
    const long = partitionWords + sortWords;
    const wanted = names.isTaken(plural(short))
      ? plural(long)
      : plural(variableCount(sort) === 0 && !describesPartition ? long : short);
    byKind.set(kind, take(wanted));
  }
  return { byKind, take, reserve: (name) => names.reserve(name) };
}

function specificity({ partition, sort }: TableProposal): number {
  const words = shapeWords(partition).length + shapeWords(sort).length;
  return words * 100 - variableCount(partition) - variableCount(sort);
}

function warningsOf(
  profile: ItemProfile,
  options: ProposalOptions,
  tables: readonly TableProposal[],
  mappings: readonly TableMapping[],
): readonly string[] {
  const warnings: string[] = [];
  const { partitionKey } = options.key;
  for (const { partition, partitionPart, attributes, items } of profile.groups) {
    const node = attributes.attributes.find(([name]) => name === partitionKey)?.[1];
    const value: ValueProfile | undefined = partition === ANY_TEXT ? node?.value : partitionPart;
    const why = value === undefined || items < 2 ? undefined : hotSpot(value);
    if (why === undefined) continue;
    const place = partition === ANY_TEXT ? partitionKey : `${partitionKey} (${partition})`;
    warnings.push(`Hot spot: the primary key begins with ${place}, and ${why}`);
  }
  for (const { mapping, columns } of tables) {
    const renamed = columns.filter(({ column, attribute, match }) => column !== attribute && match === undefined);
    if (renamed.length === 0) continue;
    const list = renamed.map(({ column, attribute }) => `${JSON.stringify(attribute)} → ${column}`).join(", ");
    warnings.push(
      `${mapping.name}: columns with other names than their attributes, which are not free or not legal in Spanner, are reserved, or differ in case only: ${list}`,
    );
  }
  const placed = mappings.flatMap(({ indexes = [] }) => indexes.map(({ name }) => name));
  if (placed.length === 0 && (options.indexes ?? []).length > 0) {
    const names = (options.indexes ?? []).map(({ name }) => name).join(", ");
    warnings.push(`No table has columns for all keys of the secondary indexes ${names}: none was proposed.`);
  }
  if (options.timeToLive !== undefined) {
    warnings.push(
      `Items expire by ${JSON.stringify(options.timeToLive)} (Time to Live). A mapping makes no row deletion policy for it: the stream brings the deletions until the cut-over; afterwards add one (ALTER TABLE … ADD ROW DELETION POLICY).`,
    );
  }
  if (profile.untrackedValues > 0) {
    warnings.push(
      `The bound on attributes was met: ${profile.untrackedValues} values lie at places that were not profiled one by one. Whole attributes among them are kept with the other attributes; entries of Maps and Lists in the JSON of their attribute.`,
    );
  }
  return [...new Set(warnings)];
}
