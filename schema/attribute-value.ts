export { itemSize } from "./item-size";
export { parseItem } from "./parse-item";

/** What each of DynamoDB's types holds in DynamoDB JSON. */
interface AttributeContent {
  /** Text. */
  readonly S: string;
  /** A decimal number as text, of at most 38 significant digits. */
  readonly N: string;
  /** Bytes as canonical base64. */
  readonly B: string;
  readonly BOOL: boolean;
  readonly NULL: true;
  readonly M: Item;
  readonly L: readonly AttributeValue[];
  readonly SS: readonly string[];
  readonly NS: readonly string[];
  readonly BS: readonly string[];
}

/** DynamoDB's name of a type: S, N, B, BOOL, NULL, M, L, SS, NS or BS. */
export type AttributeTag = keyof AttributeContent;

type Tagged<T extends AttributeTag> = { readonly [K in T]: AttributeContent[K] } & {
  readonly [K in Exclude<AttributeTag, T>]?: never;
};

/**
 * A value as DynamoDB JSON writes it: an object with exactly one property, whose name is the type.
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html)
 */
export type AttributeValue = { readonly [T in AttributeTag]: Tagged<T> }[AttributeTag];

/** An item, or the content of a Map. Names come from users: `__proto__` and `constructor` are legal; use `attributeOf`. */
export type Item = { readonly [name: string]: AttributeValue };

export const ATTRIBUTE_TAGS: readonly AttributeTag[] = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"];

/** DynamoDB's type names in words, for messages. */
const TAG_NAMES: Readonly<Record<AttributeTag, string>> = {
  S: "String (S)",
  N: "Number (N)",
  B: "Binary (B)",
  BOOL: "Boolean (BOOL)",
  NULL: "Null (NULL)",
  M: "Map (M)",
  L: "List (L)",
  SS: "String Set (SS)",
  NS: "Number Set (NS)",
  BS: "Binary Set (BS)",
};

/** The type of a value. */
export function tagOf(value: AttributeValue): AttributeTag {
  for (const tag in value) return tag as AttributeTag;
  throw new TypeError("An attribute value without a type: it did not come from parseItem.");
}

/** The type of a value in words: `Number Set (NS)`. */
export function tagName(value: AttributeValue): string {
  return TAG_NAMES[tagOf(value)];
}

/** The attribute of that very name, or undefined; never something inherited from Object.prototype. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}
