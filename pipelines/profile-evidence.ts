import { formatPath } from "../schema/attribute-path";
import { ATTRIBUTE_TAGS } from "../schema/attribute-value";
import type { PathSegment } from "../schema/migration-plan";
import type { AttributeNode } from "../schema/profile/attribute-tree";
import { distinctEstimate } from "../schema/profile/hyper-log-log";
import type { ItemProfile } from "../schema/profile/item-profile";
import type { Proposal } from "../schema/profile/propose-mapping";
import type { TableProposal } from "../schema/profile/propose-table";
import { shortNumber } from "../schema/profile/short-number";

/** All that a profile's report shows. */
export interface Evidence {
  /** Address of the export. */
  readonly source: string;
  readonly profile: ItemProfile;
  readonly proposal: Proposal;
  /** Rows of each table, by the proof: in the order of `proposal.tables`. */
  readonly rows: readonly number[];
}

/** One attribute, or a place within it, as reports show it. */
export interface EvidenceRow {
  /** As a person reads it: `Address.City`, `Lines[].Price`. */
  readonly place: string;
  readonly depth: number;
  /** Of the items, or of what encloses it. */
  readonly share: number;
  readonly node: AttributeNode;
  /** Share of each DynamoDB type among the values. */
  readonly types: readonly (readonly [tag: string, share: number])[];
  /** Undefined where the place has no column of its own. */
  readonly column?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly confidence?: string;
}

/** Every profiled place of a table, each attribute before what lies in it. */
export function evidenceRows(table: TableProposal): readonly EvidenceRow[] {
  const rows: EvidenceRow[] = [];
  for (const { attribute, node, column, type, epoch, reason, confidence, match } of table.columns) {
    const of = epoch === undefined ? type : `${type} (epoch ${epoch})`;
    const part = match === undefined ? reason : `what ${match} takes; ${reason}`;
    const proposal = { column, type: of, reason: part, confidence };
    if (node !== undefined) addRows(rows, [attribute], node, table.items, proposal);
    else rows.push({ place: formatPath([attribute]), depth: 0, share: 1, node: NO_VALUES, types: [], ...proposal });
  }
  for (const { attribute, node, reason } of table.others) {
    addRows(rows, [attribute], node, table.items, { type: "with the other attributes", reason });
  }
  return rows;
}

const NO_VALUES: AttributeNode = {
  value: {
    count: 0,
    tags: {},
    candidates: 0,
    maximumBinaryBytes: 0,
    minimumElements: 0,
    maximumElements: 0,
    distinct: { exact: [] },
    examples: [],
  },
  entries: [],
};

function addRows(
  rows: EvidenceRow[],
  path: readonly PathSegment[],
  node: AttributeNode,
  enclosing: number,
  proposal: Pick<EvidenceRow, "column" | "type" | "reason" | "confidence">,
): void {
  const { value, entries, elements } = node;
  const types = ATTRIBUTE_TAGS.flatMap((tag) => {
    const count = value.tags[tag];
    return count === undefined ? [] : [[tag, count / value.count] as const];
  });
  const share = enclosing === 0 ? 0 : value.count / enclosing;
  rows.push({ place: placeText(path), depth: path.length - 1, share, node, types, ...proposal });
  for (const [name, entry] of entries) addRows(rows, [...path, name], entry, value.tags.M ?? 0, {});
  if (elements !== undefined) addRows(rows, [...path, ELEMENTS], elements, elements.value.count, {});
}

/** No name of an attribute is a negative number. */
const ELEMENTS = -1;

function placeText(path: readonly PathSegment[]): string {
  return formatPath(path).replaceAll("[-1]", "[]");
}

/** What is known of the values at a place, in words, most telling first. */
export function valueFacts({ value }: AttributeNode): readonly string[] {
  const facts: string[] = [];
  const { numbers, texts } = value;
  const percent = (count: number, of: number) => `${Math.round((1000 * count) / of) / 10} %`;
  if (numbers !== undefined) {
    facts.push(`${shortNumber(numbers.minimum)} to ${shortNumber(numbers.maximum)}`);
    if (numbers.integers < numbers.count) {
      facts.push(
        `${percent(numbers.integers, numbers.count)} integers`,
        `scale ${numbers.scale}`,
        `precision ${numbers.precision}`,
      );
    }
    for (const [what, count] of [
      ["epoch seconds", numbers.epochSeconds],
      ["epoch milliseconds", numbers.epochMilliseconds],
    ] as const) {
      if (count > 0) facts.push(`${percent(count, numbers.count)} like ${what}`);
    }
  }
  if (texts !== undefined) {
    const { minimumCharacters, maximumCharacters, maximumBytes, count } = texts;
    const range =
      minimumCharacters === maximumCharacters ? `${maximumCharacters}` : `${minimumCharacters}–${maximumCharacters}`;
    facts.push(`${range} characters, up to ${maximumBytes} bytes`);
    const kinds = [
      ["DATE", texts.dates],
      ["TIMESTAMP", texts.timestamps],
      ["integer", texts.integers],
      ["UUID", texts.uuids],
      ["JSON", texts.json],
      ["base64", texts.base64],
    ] as const;
    for (const [kind, of] of kinds) if (of > 0) facts.push(`${percent(of, count)} ${kind}`);
  }
  if (value.maximumBinaryBytes > 0) facts.push(`up to ${value.maximumBinaryBytes} bytes`);
  if (value.maximumElements > 0) {
    facts.push(
      value.minimumElements === value.maximumElements
        ? `${value.maximumElements} elements`
        : `${value.minimumElements}–${value.maximumElements} elements`,
    );
  }
  const distinct = distinctEstimate(value.distinct);
  if (distinct.count > 0) facts.push(`${distinct.exact ? "" : "about "}${distinct.count} distinct`);
  return facts;
}
