import type { ConditionMapping, TableMapping } from "../mapping-grammar";
import type { AttributeNode, AttributeTreeState } from "./attribute-tree";
import type { ItemKind } from "./item-kinds";
import type { SourceKey } from "./item-profile";
import { ANY_TEXT, isConstantShape, type KeyShape, NO_KEY, shapePattern, shapeWords, variableNames } from "./key-shape";
import {
  type ColumnProposal,
  MAX_PARTITION_KEY_BYTES,
  MAX_SORT_KEY_BYTES,
  type OtherAttribute,
  proposeColumns,
  proposeKeyType,
} from "./propose-columns";
import { pascalCase, SpannerNames } from "./spanner-names";

/** A table that a profile proposes, with its evidence. */
export interface TableProposal {
  readonly mapping: TableMapping;
  /** The shapes of the keys of its items, as a person reads them: `CUSTOMER#*`. */
  readonly partition: KeyShape;
  readonly sort: KeyShape;
  readonly items: number;
  readonly columns: readonly ColumnProposal[];
  readonly others: readonly OtherAttribute[];
  /** Values of attributes that were not profiled because there were too many; they go with the other attributes. */
  readonly untrackedAttributes: number;
}

export interface TableInput {
  readonly name: string;
  readonly key: SourceKey;
  readonly partition: KeyShape;
  readonly sort: KeyShape;
  readonly items: number;
  readonly attributes: AttributeTreeState;
  /** The key attributes of all items of all tables, by name: where tables share a key column they share its type. */
  readonly keyNodes: ReadonlyMap<string, AttributeNode>;
  readonly parent: ItemKind | undefined;
  readonly parentName: string | undefined;
  /** The table takes what no other does. */
  readonly takesAll: boolean;
  /** Not every item was seen: attributes to come need a place. */
  readonly sampled: boolean;
  readonly dialect: "googlesql" | "postgresql";
  /** Names of all attributes of all tables, which key columns made of parts of a text must leave alone. */
  readonly attributeNames: ReadonlySet<string>;
}

/** Proposes one table. */
export function proposeTable(input: TableInput): TableProposal {
  const { key, partition, sort, attributes, items } = input;
  const names = new SpannerNames(input.dialect);
  // The version table has the same key and these columns of its own.
  const keyNames = new SpannerNames(input.dialect);
  for (const name of VERSION_NAMES) keyNames.reserve(name);
  const nodeOf = (attribute: string) => attributes.attributes.find(([name]) => name === attribute)?.[1];
  const numericKeys = input.dialect === "googlesql";

  const partsOf = (attribute: string, shape: KeyShape, bytes: number): readonly ColumnProposal[] => {
    if (shape === NO_KEY) return [];
    const node = nodeOf(attribute);
    if (shape === ANY_TEXT || input.takesAll) {
      const column = keyNames.take(attribute);
      const type = proposeKeyType(input.keyNodes.get(attribute), bytes, numericKeys);
      return [{ column, attribute, isKey: true, node, ...type }];
    }
    return variableNames(shape).map((word, part) => ({
      column: keyNames.take(partName(word, input.attributeNames)),
      attribute,
      match: shapePattern(shape, part),
      isKey: true,
      node: undefined,
      ...proposeKeyType(undefined, bytes, numericKeys),
    }));
  };
  const keyColumns = [
    ...partsOf(key.partitionKey, partition, MAX_PARTITION_KEY_BYTES),
    ...(key.sortKey === undefined ? [] : partsOf(key.sortKey, sort, MAX_SORT_KEY_BYTES)),
  ];
  for (const { column } of keyColumns) names.reserve(column);

  const keyAttributes = key.sortKey === undefined ? [key.partitionKey] : [key.partitionKey, key.sortKey];
  const { columns, others } = proposeColumns(attributes, items, keyAttributes, names);
  const keepsOthers = input.sampled || others.length > 0 || attributes.untrackedAttributes > 0;
  const conditions = input.takesAll
    ? []
    : [
        ...conditionOf(key.partitionKey, partition),
        ...(key.sortKey === undefined ? [] : conditionOf(key.sortKey, sort)),
      ];
  const [condition, ...more] = conditions;
  const all = [...keyColumns, ...columns];
  const mapping: TableMapping = {
    name: input.name,
    ...(input.parentName === undefined ? {} : { interleaveIn: input.parentName, createParent: true }),
    ...(condition === undefined ? {} : { when: more.length === 0 ? condition : conditions }),
    primaryKey: keyColumns.map(({ column }) => column),
    columns: Object.fromEntries(all.map((proposal) => [proposal.column, columnMapping(proposal)])),
    ...(keepsOthers ? { otherAttributes: { column: names.take("OtherAttributes") } } : {}),
  };
  const { untrackedAttributes } = attributes;
  return { mapping, partition, sort, items, columns: all, others, untrackedAttributes };
}

const VERSION_NAMES = ["SequenceNumber", "ChangedAt", "Deleted", "AppliedAt", "TombstoneAt"];

/** `CUSTOMER` gives CustomerId, or CustomerKey if an attribute is called so. */
function partName(word: string, attributeNames: ReadonlySet<string>): string {
  const base = word === "" ? "Key" : pascalCase(word);
  const id = `${base}Id`;
  return attributeNames.has(id.toLowerCase()) ? `${base}Key` : id;
}

function columnMapping({ column, attribute, type, epoch, match }: ColumnProposal): TableMapping["columns"][string] {
  return {
    type,
    ...(column === attribute && match === undefined ? {} : { from: pathOf(attribute) }),
    ...(match === undefined ? {} : { match }),
    ...(epoch === undefined ? {} : { epoch }),
  };
}

/** The attribute as `from` names it: in a list where dots, brackets or an empty name would mean something else. */
function pathOf(attribute: string): string | readonly string[] {
  return attribute === "" || /[.[\]]/.test(attribute) ? [attribute] : attribute;
}

function conditionOf(attribute: string, shape: KeyShape): readonly ConditionMapping[] {
  if (shape === ANY_TEXT || shape === NO_KEY) return [];
  if (isConstantShape(shape)) return [{ attribute, equals: shape }];
  if (shapeWords(shape).length === 1 && shape.endsWith("*")) return [{ attribute, beginsWith: shape.slice(0, -1) }];
  return [{ attribute, matches: shapePattern(shape) }];
}
