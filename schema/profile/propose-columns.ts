import type { AttributeNode, AttributeTreeState } from "./attribute-tree";
import { isCandidate } from "./candidate-types";
import { type Confidence, proposeType, type TypeProposal } from "./propose-type";
import type { SpannerNames } from "./spanner-names";

/** A column that a profile proposes, with its evidence. */
export interface ColumnProposal extends TypeProposal {
  readonly column: string;
  /** The attribute that fills it. */
  readonly attribute: string;
  readonly match?: string;
  readonly isKey: boolean;
  /** Absent where the key attribute was not profiled. */
  readonly node: AttributeNode | undefined;
}

/** An attribute that gets no column of its own but goes into that of the other attributes. */
export interface OtherAttribute {
  readonly attribute: string;
  readonly node: AttributeNode;
  readonly reason: string;
}

export interface ColumnProposals {
  readonly columns: readonly ColumnProposal[];
  readonly others: readonly OtherAttribute[];
}

/** Beyond so many columns a table is hard to read; the rest is kept with the other attributes. */
const MAX_PROPOSED_COLUMNS = 200;
/** An attribute that fewer items have than one in so many gets no column. */
const RAREST = 1_000;

/**
 * A column for each attribute but those of the key, and those that are too rare for one.
 *
 * @param items how many items the table has
 * @param names those of the key's columns are taken already
 */
export function proposeColumns(
  { attributes }: Pick<AttributeTreeState, "attributes">,
  items: number,
  keyAttributes: readonly string[],
  names: SpannerNames,
): ColumnProposals {
  const columns: ColumnProposal[] = [];
  const others: OtherAttribute[] = [];
  const candidates = attributes.filter(([attribute]) => !keyAttributes.includes(attribute));
  // Where there is no room for all those come first that need a column, then those that most items have.
  const frequent = new Set(
    candidates
      .toSorted(([, left], [, right]) => need(right) - need(left) || right.value.count - left.value.count)
      .slice(0, MAX_PROPOSED_COLUMNS)
      .map(([attribute]) => attribute),
  );
  for (const [attribute, node] of candidates) {
    if (!frequent.has(attribute)) {
      others.push({ attribute, node, reason: `${candidates.length} attributes are too many for columns of their own` });
    } else if (node.value.count * RAREST < items && need(node) === 0) {
      others.push({ attribute, node, reason: `only ${node.value.count} of ${items} items have it` });
    } else {
      const column = names.take(attribute);
      columns.push({ column, attribute, isKey: false, node, ...proposeType(attribute, node) });
    }
  }
  return { columns, others };
}

/** 1 if the JSON of the other attributes can't hold the values, but a column can: JSONB has no U+0000. */
function need({ value }: AttributeNode): number {
  return isCandidate("JSON", value.candidates) || value.candidates === 0 ? 0 : 1;
}

/** Longest partition and sort key of DynamoDB in bytes; a text has no more characters than bytes. */
export const MAX_PARTITION_KEY_BYTES = 2_048;
export const MAX_SORT_KEY_BYTES = 1_024;
/** Plain text of any DynamoDB Number: 126 digits before the point or 130 + 38 behind it, sign and point. */
const MAX_NUMBER_CHARACTERS = 256;

/**
 * The type of a key column: long enough for every key that DynamoDB allows, not only for those that were seen.
 *
 * @param node undefined where the column takes a part of a text
 */
export function proposeKeyType(node: AttributeNode | undefined, bytes: number, numericKeys: boolean): TypeProposal {
  const confidence: Confidence = "high";
  const tags = Object.keys(node?.value.tags ?? {});
  if (tags.length === 1 && tags[0] === "B") {
    return { type: `BYTES(${bytes})`, reason: `a Binary key: DynamoDB allows ${bytes} bytes`, confidence };
  }
  if (node !== undefined && tags.length === 1 && tags[0] === "N") {
    const { type, epoch, reason } = proposeType("", node);
    if (type === "INT64" || (type === "NUMERIC" && numericKeys)) {
      return { type, ...(epoch === undefined ? {} : { epoch }), reason, confidence };
    }
    return { type: `STRING(${MAX_NUMBER_CHARACTERS})`, reason: `${reason}; text keeps every Number`, confidence };
  }
  const longest = node?.value.texts?.maximumBytes;
  const seen = longest === undefined ? "" : `; the longest seen has ${longest}`;
  return { type: `STRING(${bytes})`, reason: `DynamoDB allows keys of ${bytes} bytes${seen}`, confidence };
}
