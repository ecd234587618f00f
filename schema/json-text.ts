import type { AttributeValue, Item } from "./attribute-value";
import { compareBase64 } from "./base64-text";
import type { Dialect } from "./column-type";
import { ConversionError } from "./conversion-error";
import { checkWellFormed } from "./convert-text";
import {
  compareDecimals,
  type Decimal,
  formatDecimal,
  isInteger,
  isShortInteger,
  magnitude,
  parseDecimal,
  toBigInt,
} from "./decimal";
import { doubleHolds, nearestDouble } from "./double";
import { compareByCodePoints } from "./unicode-text";

/**
 * Spanner's JSON keeps integers of INT64 and UINT64, and other numbers if they come back unchanged from a double
 * (https://cloud.google.com/spanner/docs/working-with-json#specs). The emulator rounds what Spanner refuses.
 */
const MIN_JSON_INTEGER = -(2n ** 63n);
const MAX_JSON_INTEGER = 2n ** 64n - 1n;
const MAX_JSON_INTEGER_MAGNITUDE = 19;

/**
 * A value as plain JSON: text as it is, binary as base64, sets as sorted arrays, and each number as a JSON number if
 * the database keeps it exactly, as a JSON string with all its digits otherwise.
 */
export function jsonText(value: AttributeValue, dialect: Dialect): string {
  if (value.S !== undefined) return quote(value.S, dialect);
  if (value.N !== undefined) return jsonNumber(value.N, dialect);
  if (value.BOOL !== undefined) return value.BOOL ? "true" : "false";
  if (value.NULL !== undefined) return "null";
  if (value.M !== undefined) return jsonObject(value.M, dialect);
  if (value.L !== undefined) return jsonArray(value.L, dialect);
  if (value.B !== undefined) return JSON.stringify(value.B);
  if (value.SS !== undefined) return quoteAll(value.SS.toSorted(compareByCodePoints), dialect);
  if (value.BS !== undefined) return JSON.stringify(value.BS.toSorted(compareBase64));
  return jsonNumberSet(value.NS, dialect);
}

/** A JSON string. JSON.stringify alone would write half a surrogate pair as an escape. */
function quote(text: string, dialect: Dialect): string {
  checkText(text, dialect);
  return JSON.stringify(text);
}

function quoteAll(texts: readonly string[], dialect: Dialect): string {
  for (const text of texts) checkText(text, dialect);
  return JSON.stringify(texts);
}

/** JSONB has no U+0000 (https://www.postgresql.org/docs/current/datatype-json.html). */
function checkText(text: string, dialect: Dialect): void {
  checkWellFormed(text);
  if (dialect === "postgresql" && text.includes("\0")) {
    throw new ConversionError("E_CONVERSION_TEXT", "the text holds U+0000, which JSONB has not");
  }
}

function jsonObject(map: Item, dialect: Dialect): string {
  let text = "{";
  for (const name of Object.keys(map)) {
    const value = map[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${quote(name, dialect)}:${jsonText(value, dialect)}`;
  }
  return `${text}}`;
}

function jsonArray(list: readonly AttributeValue[], dialect: Dialect): string {
  let text = "[";
  for (const element of list) {
    if (text.length > 1) text += ",";
    text += jsonText(element, dialect);
  }
  return `${text}]`;
}

function jsonNumberSet(texts: readonly string[], dialect: Dialect): string {
  let text = "[";
  for (const number of sortedNumbers(texts)) {
    if (text.length > 1) text += ",";
    text += jsonNumber(number, dialect);
  }
  return `${text}]`;
}

/** A number as JSON text: a JSON number, or a JSON string where the database would change a JSON number. */
export function jsonNumber(text: string, dialect: Dialect): string {
  if (isShortInteger(text)) return text;
  const decimal = decimalOf(text);
  // Spanner's JSONB holds 4,932 digits before the point and 16,383 behind it: every DynamoDB Number.
  // (https://cloud.google.com/spanner/docs/working-with-jsonb)
  if (dialect === "postgresql") return formatDecimal(decimal);
  if (isJsonInteger(decimal)) return formatDecimal(decimal);
  const double = nearestDouble(decimal);
  return doubleHolds(double, decimal) ? String(double) : `"${formatDecimal(decimal)}"`;
}

function isJsonInteger(decimal: Decimal): boolean {
  if (!isInteger(decimal) || magnitude(decimal) > MAX_JSON_INTEGER_MAGNITUDE) return false;
  const value = toBigInt(decimal);
  return value >= MIN_JSON_INTEGER && value <= MAX_JSON_INTEGER;
}

/** The numbers of a Number Set in ascending order. */
export function sortedNumbers(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return texts
    .map((text) => ({ text, decimal: decimalOf(text) }))
    .sort((a, b) => compareDecimals(a.decimal, b.decimal))
    .map(({ text }) => text);
}

function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw new TypeError("A Number that is no number: it did not come from parseItem.");
  return decimal;
}

/**
 * Attributes as canonical DynamoDB JSON, from which each comes back with its type and every digit: names in code-point
 * order, sets sorted, numbers as plain text. Equal items give equal texts.
 */
export function dynamodbJsonText(item: Item, dialect: Dialect, names: readonly string[] = Object.keys(item)): string {
  let text = "{";
  for (const name of names.toSorted(compareByCodePoints)) {
    const value = item[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${quote(name, dialect)}:${typedText(value, dialect)}`;
  }
  return `${text}}`;
}

function typedText(value: AttributeValue, dialect: Dialect): string {
  if (value.S !== undefined) return `{"S":${quote(value.S, dialect)}}`;
  if (value.N !== undefined) return `{"N":"${formatDecimal(decimalOf(value.N))}"}`;
  if (value.B !== undefined) return `{"B":"${value.B}"}`;
  if (value.BOOL !== undefined) return value.BOOL ? '{"BOOL":true}' : '{"BOOL":false}';
  if (value.NULL !== undefined) return '{"NULL":true}';
  if (value.M !== undefined) return `{"M":${dynamodbJsonText(value.M, dialect)}}`;
  if (value.L !== undefined) return `{"L":[${value.L.map((element) => typedText(element, dialect)).join(",")}]}`;
  if (value.SS !== undefined) return `{"SS":${quoteAll(value.SS.toSorted(compareByCodePoints), dialect)}}`;
  if (value.BS !== undefined) return `{"BS":${JSON.stringify(value.BS.toSorted(compareBase64))}}`;
  return `{"NS":${JSON.stringify(sortedNumbers(value.NS).map((number) => formatDecimal(decimalOf(number))))}}`;
}
