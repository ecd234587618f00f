import type { AttributeTag } from "../attribute-value";
import type { EpochUnit } from "../migration-plan";
import type { AttributeNode } from "./attribute-tree";
import { candidateNamed, candidateNames } from "./candidate-types";
import { shortNumber } from "./short-number";
import type { ValueProfile } from "./value-profile";

/** How sure a proposal is: high where there is only one sensible type or much evidence, low where there is little. */
export type Confidence = "high" | "medium" | "low";

export interface TypeProposal {
  /** As a mapping names it. */
  readonly type: string;
  readonly epoch?: EpochUnit;
  readonly reason: string;
  readonly confidence: Confidence;
}

/** Fewer values than these are little evidence. */
const SOME_VALUES = 10;
const MANY_VALUES = 100;

/** Names under which a Number is a moment; without such a name it may as well be a telephone number. */
const MOMENT_NAME =
  /(?:^|[_.\- ]|[a-z](?=[A-Z]))(?:at|on|time|timestamp|ts|date|ttl|epoch|expires?|expiry|expiration|created|updated|modified|deleted|joined|since|until|birthday)$|(?:time|date|stamp|ttl|epoch|expiry|expires?|joined)$/i;

/**
 * A column type that takes every value that was seen, exactly: only types whose converters took them all are proposed.
 *
 * @param name the attribute's name, which tells moments from other numbers
 */
export function proposeType(name: string, node: AttributeNode): TypeProposal {
  const profile = node.value;
  const accepted = candidateNames(profile.candidates);
  const tags = Object.keys(profile.tags).filter((tag) => tag !== "NULL") as AttributeTag[];
  const [tag] = tags;
  if (tag === undefined) {
    return { type: "STRING(MAX)", reason: "only Null was seen, so any type would do", confidence: "low" };
  }
  if (tags.length > 1) return mixed(tags, profile);
  const known = count(profile, tag);
  switch (tag) {
    case "BOOL":
      return { type: "BOOL", reason: "all are Booleans", confidence: "high" };
    case "B":
      return {
        type: "BYTES(MAX)",
        reason: `all are Binary, of up to ${profile.maximumBinaryBytes} bytes`,
        confidence: "high",
      };
    case "S":
      return proposeForText(accepted, profile, known);
    case "N":
      return proposeForNumber(name, accepted, profile, known);
    case "M":
      return { type: "JSON", reason: 'Maps; an entry becomes a column of its own with "from"', confidence: "high" };
    case "L":
      return proposeForList(accepted, node, known);
    default:
      return proposeForSet(tag, accepted, known);
  }
}

function count(profile: ValueProfile, tag: AttributeTag): number {
  return profile.tags[tag] ?? 0;
}

function byEvidence(values: number): Confidence {
  if (values >= MANY_VALUES) return "high";
  return values >= SOME_VALUES ? "medium" : "low";
}

function mixed(tags: readonly AttributeTag[], profile: ValueProfile): TypeProposal {
  const shares = tags.map((tag) => `${count(profile, tag)} ${tag}`).join(", ");
  return { type: "JSON", reason: `several types (${shares}): JSON keeps each as it is`, confidence: "medium" };
}

function proposeForText(accepted: ReadonlySet<string>, { texts }: ValueProfile, known: number): TypeProposal {
  if (texts !== undefined && texts.dates === known && accepted.has("DATE")) {
    return { type: "DATE", reason: "all are calendar dates written YYYY-MM-DD", confidence: byEvidence(known) };
  }
  if (texts !== undefined && texts.timestamps === known && accepted.has("TIMESTAMP")) {
    const offset = texts.withOffset > 0 ? `; ${texts.withOffset} have an offset, which is turned into UTC` : "";
    return { type: "TIMESTAMP", reason: `all are RFC 3339 points in time${offset}`, confidence: byEvidence(known) };
  }
  if (texts !== undefined && texts.uuids === known) {
    return { type: "STRING(36)", reason: "all are UUIDs", confidence: byEvidence(known) };
  }
  const also = texts === undefined ? "" : textRemark(texts, known);
  const length = texts === undefined ? "" : ` of up to ${texts.maximumCharacters} characters`;
  return { type: "STRING(MAX)", reason: `text${length}${also}`, confidence: "high" };
}

function textRemark(texts: NonNullable<ValueProfile["texts"]>, known: number): string {
  if (texts.integers === known)
    return "; all are integers, but were stored as text: INT64 would lose leading zeros to come";
  if (texts.json === known) return "; all are JSON documents kept as text, byte for byte";
  if (texts.base64 === known) return "; all are base64, kept as text";
  const nearly = texts.dates + texts.timestamps;
  return nearly > known / 2 ? `; ${known - nearly} of ${known} are no DATE or TIMESTAMP` : "";
}

function proposeForNumber(
  name: string,
  accepted: ReadonlySet<string>,
  { numbers }: ValueProfile,
  known: number,
): TypeProposal {
  const range = numbers === undefined ? "" : `${shortNumber(numbers.minimum)} to ${shortNumber(numbers.maximum)}`;
  for (const epoch of ["seconds", "milliseconds"] as const) {
    const within = epoch === "seconds" ? numbers?.epochSeconds : numbers?.epochMilliseconds;
    if (within !== known || !accepted.has(`TIMESTAMP of ${epoch}`)) continue;
    const { type } = candidateNamed("TIMESTAMP");
    if (MOMENT_NAME.test(name)) {
      const reason = `all lie between 2001 and 2100 as ${epoch} since 1970, and the name says it is a moment`;
      return { type: type.kind, epoch, reason, confidence: known >= SOME_VALUES ? "medium" : "low" };
    }
    if (accepted.has("INT64")) {
      const reason = `integers, ${range}; they could be ${epoch} since 1970, which the name does not say ("epoch": "${epoch}")`;
      return { type: "INT64", reason, confidence: "medium" };
    }
  }
  if (accepted.has("INT64")) return { type: "INT64", reason: `integers, ${range}`, confidence: byEvidence(known) };
  const digits = numbers === undefined ? "" : `, up to ${numbers.scale} digits behind the point`;
  if (accepted.has("NUMERIC")) return { type: "NUMERIC", reason: `${range}${digits}`, confidence: "high" };
  if (accepted.has("FLOAT64")) {
    const reason = `${range}${digits}: more than NUMERIC keeps, but a double gives each back as it was`;
    return { type: "FLOAT64", reason, confidence: "medium" };
  }
  const reason = `${range}${digits}: only text keeps every digit`;
  return { type: "STRING(MAX)", reason, confidence: "high" };
}

/** For each type of elements the element types that keep them what they are: text stays text, numbers numbers. */
const ELEMENT_TYPES: Readonly<Partial<Record<AttributeTag, readonly string[]>>> = {
  BOOL: ["BOOL"],
  N: ["INT64", "NUMERIC", "FLOAT64", "STRING(MAX)"],
  B: ["BYTES(MAX)"],
  S: ["STRING(MAX)"],
};

function proposeForList(accepted: ReadonlySet<string>, node: AttributeNode, known: number): TypeProposal {
  const { maximumElements } = node.value;
  if (maximumElements === 0) return { type: "JSON", reason: "all Lists are empty", confidence: "low" };
  const tags = Object.keys(node.elements?.value.tags ?? {}).filter((tag) => tag !== "NULL") as AttributeTag[];
  const [tag] = tags;
  const types = tags.length === 1 && tag !== undefined ? (ELEMENT_TYPES[tag] ?? []) : [];
  const element = types.find((type) => accepted.has(`ARRAY<${type}>`));
  if (element === undefined) {
    return {
      type: "JSON",
      reason: "Lists whose elements have several types, or are Maps or Lists",
      confidence: "high",
    };
  }
  return {
    type: `ARRAY<${element}>`,
    reason: `Lists of up to ${maximumElements} elements that all go into ${element}`,
    confidence: byEvidence(known),
  };
}

function proposeForSet(tag: AttributeTag, accepted: ReadonlySet<string>, known: number): TypeProposal {
  if (tag === "SS") return { type: "ARRAY<STRING(MAX)>", reason: "String Sets", confidence: "high" };
  if (tag === "BS") return { type: "ARRAY<BYTES(MAX)>", reason: "Binary Sets", confidence: "high" };
  const element = ["INT64", "NUMERIC", "FLOAT64"].find((type) => accepted.has(`ARRAY<${type}>`)) ?? "STRING(MAX)";
  return {
    type: `ARRAY<${element}>`,
    reason: `Number Sets that all go into ${element}`,
    confidence: byEvidence(known),
  };
}
