import type { ErrorCode } from "../errors/codes";
import { formatPath } from "./attribute-path";
import type { AttributeTag, Item } from "./attribute-value";
import { isCanonicalBase64 } from "./base64-text";
import { ConversionError } from "./conversion-error";
import { canonicalDecimalText, isShortInteger, magnitude, parseDecimal } from "./decimal";
import type { PathSegment } from "./migration-plan";
import { isWellFormed } from "./unicode-text";

/**
 * Limits of DynamoDB's types
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-data-types).
 */
const MAX_SIGNIFICANT_DIGITS = 38;
/** Magnitudes reach from 1E-130 to 9.99…E+125. */
const MIN_MAGNITUDE = -130;
const MAX_MAGNITUDE = 125;
/** Maps and Lists within each other. */
const MAX_NESTING = 32;

/** A fault on its way up: each level of nesting puts its segment in front of the path. */
class Fault extends Error {
  readonly path: PathSegment[] = [];

  constructor(
    readonly code: ErrorCode,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/**
 * Checks that `value` (parsed JSON) is an item that DynamoDB could have produced, and gives back the same object:
 * nothing is copied, since this runs for every item.
 * @throws ConversionError E_ITEM_… with the path of the attribute at fault
 */
export function parseItem(value: unknown): Item {
  try {
    checkMap(value, 0);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.path.length === 0) throw new ConversionError(error.code, `item: ${error.reason}`);
    throw new ConversionError(error.code, error.reason, { attribute: formatPath(error.path) });
  }
  return value as Item;
}

/** Checks an item (`depth` 0) or the content of a Map. */
function checkMap(map: unknown, depth: number): void {
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new Fault("E_ITEM_NOT_AN_OBJECT", `is ${describeJson(map)}, not a JSON object`);
  }
  const entries = map as Readonly<Record<string, unknown>>;
  let current = "";
  try {
    for (const name of Object.keys(entries)) {
      current = name;
      if (!isWellFormed(name)) throw new Fault("E_ITEM_LONE_SURROGATE", "its name holds half a surrogate pair");
      checkValue(entries[name], depth);
    }
  } catch (error) {
    throw withSegment(error, current);
  }
}

function checkList(list: unknown, depth: number): void {
  if (!Array.isArray(list)) throw wrongJsonType("L", list, "an array");
  let current = 0;
  try {
    for (const element of list) {
      checkValue(element, depth);
      current += 1;
    }
  } catch (error) {
    throw withSegment(error, current);
  }
}

function withSegment(error: unknown, segment: PathSegment): unknown {
  if (error instanceof Fault) error.path.unshift(segment);
  return error;
}

function checkValue(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Fault("E_ITEM_NOT_AN_OBJECT", `is ${describeJson(value)}, not an object with a DynamoDB type`);
  }
  let tag: string | undefined;
  for (const name in value) {
    if (tag !== undefined) throw new Fault("E_ITEM_SEVERAL_TYPES", "carries more than one type");
    tag = name;
  }
  if (tag === undefined) throw new Fault("E_ITEM_NO_TYPE", "carries no type");
  checkContent(tag, (value as Readonly<Record<string, unknown>>)[tag], depth);
}

function checkContent(tag: string, content: unknown, depth: number): void {
  const check = CHECKS.get(tag);
  if (check === undefined) throw new Fault("E_ITEM_UNKNOWN_TYPE", `${quoteTag(tag)} is no DynamoDB type`);
  check(content, depth);
}

/** Depth counts the Maps and Lists around a value. */
type ContentCheck = (content: unknown, depth: number) => void;

const CHECKS: ReadonlyMap<string, ContentCheck> = new Map<AttributeTag, ContentCheck>([
  ["S", (content) => checkText(content, "S")],
  ["N", (content) => checkNumber(content, "N")],
  ["B", (content) => checkBinary(content, "B")],
  ["BOOL", checkBoolean],
  ["NULL", checkNull],
  ["M", (content, depth) => checkMap(content, nested(depth))],
  ["L", (content, depth) => checkList(content, nested(depth))],
  ["SS", checkStringSet],
  ["NS", checkNumberSet],
  ["BS", checkBinarySet],
]);

function nested(depth: number): number {
  if (depth < MAX_NESTING) return depth + 1;
  throw new Fault("E_ITEM_NESTED_TOO_DEEPLY", `Maps and Lists are nested in more than ${MAX_NESTING} levels`);
}

function checkBoolean(content: unknown): void {
  if (typeof content !== "boolean") throw wrongJsonType("BOOL", content, "a boolean");
}

function checkNull(content: unknown): void {
  if (content !== true) throw new Fault("E_ITEM_NULL_NOT_TRUE", `NULL holds ${describeJson(content)}, not true`);
}

function checkText(content: unknown, tag: string): asserts content is string {
  if (typeof content !== "string") throw wrongJsonType(tag, content, "a string");
  if (!isWellFormed(content)) throw new Fault("E_ITEM_LONE_SURROGATE", `${tag} holds half a surrogate pair`);
}

function checkNumber(content: unknown, tag: string): asserts content is string {
  if (typeof content !== "string") throw wrongJsonType(tag, content, "a string");
  if (isShortInteger(content)) return;
  const decimal = parseDecimal(content);
  if (decimal === undefined) throw new Fault("E_ITEM_NOT_A_NUMBER", `${tag} is not a decimal number`);
  if (decimal.digits === "0") return;
  if (decimal.digits.length > MAX_SIGNIFICANT_DIGITS) {
    throw new Fault(
      "E_ITEM_NUMBER_PRECISION",
      `${tag} has ${decimal.digits.length} significant digits, more than ${MAX_SIGNIFICANT_DIGITS}`,
    );
  }
  const power = magnitude(decimal);
  if (power < MIN_MAGNITUDE || power > MAX_MAGNITUDE) {
    throw new Fault("E_ITEM_NUMBER_RANGE", `the magnitude of ${tag} lies outside 1E-130 to 9.99…E+125`);
  }
}

function checkBinary(content: unknown, tag: string): asserts content is string {
  if (typeof content !== "string") throw wrongJsonType(tag, content, "a string");
  if (!isCanonicalBase64(content)) {
    throw new Fault("E_ITEM_NOT_BASE64", `${tag} is not standard base64 with padding`);
  }
}

function checkStringSet(content: unknown): void {
  const texts = nonEmptySet("SS", content);
  for (const text of texts) checkText(text, "SS");
  checkUnique("SS", texts);
}

function checkNumberSet(content: unknown): void {
  const texts = nonEmptySet("NS", content);
  for (const text of texts) checkNumber(text, "NS");
  // 1 and 1.0 are one number.
  checkUnique("NS", texts.map(canonicalNumber));
}

function canonicalNumber(text: unknown): string | undefined {
  return canonicalDecimalText(text as string);
}

function checkBinarySet(content: unknown): void {
  const texts = nonEmptySet("BS", content);
  for (const text of texts) checkBinary(text, "BS");
  checkUnique("BS", texts);
}

function nonEmptySet(tag: string, content: unknown): readonly unknown[] {
  if (!Array.isArray(content)) throw wrongJsonType(tag, content, "an array");
  if (content.length === 0) throw new Fault("E_ITEM_EMPTY_SET", `${tag} is empty`);
  return content;
}

function checkUnique(tag: string, values: readonly unknown[]): void {
  if (values.length > 1 && new Set(values).size !== values.length) {
    throw new Fault("E_ITEM_DUPLICATE_IN_SET", `${tag} holds one value twice`);
  }
}

function wrongJsonType(tag: string, content: unknown, expected: string): Fault {
  return new Fault("E_ITEM_WRONG_JSON_TYPE", `${tag} holds ${describeJson(content)}, not ${expected}`);
}

function describeJson(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The tag is at most a few characters in any item that comes near DynamoDB's format; a long one is data. */
function quoteTag(tag: string): string {
  return JSON.stringify(tag.length > 10 ? `${tag.slice(0, 10)}…` : tag);
}
