import type { AttributeValue, Item } from "../../schema/attribute-value";
import type { ItemSet } from "./item-set";
import { type Random, randomAt } from "./random";
import { date, twoDigits } from "./tutorial-items";
import { coordinate, distinct } from "./wide-items";

const groupSize = 5;

/** Legal texts that careless code breaks: escapes, line separators inside a line, emoji made of several code points. */
const awkwardTexts = [
  'quotes " and \\ backslashes \\" and /slashes/',
  "tabs\t, line feeds\n, carriage returns\r",
  "line separators \u2028 and \u2029 inside",
  "NUL-free controls \u0001\u001f\u007f",
  "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
  "combining e\u0301 and ready-made \u00e9",
  "שלום عالم 你好 Здравствуй",
  " blanks around ",
  "null",
  '{"S":"looks like an attribute"}',
  "",
] as const;

/** Numbers at the edges of what DynamoDB and Spanner's NUMERIC hold alike (29 digits before the point, 9 behind). */
const awkwardAmounts = [
  "0",
  "-1",
  "9007199254740993",
  "-9223372036854775808",
  "99999999999999999999999999999.999999999",
  "-99999999999999999999999999999.999999999",
  "0.000000001",
  "12345678901234567890123456789.123456789",
  "0.1",
] as const;

/** Numbers of 38 digits or far exponents, which only text and JSON keep. */
const awkwardNumbers = [
  "99999999999999999999999999999999999999",
  "-99999999999999999999999999999999999999",
  "0.12345678901234567890123456789012345678",
  "3.1415926535897932384626433832795028841",
  "12345678901234567890123",
  "0.0000000000000000000000000000000000000000000000000001",
] as const;

/** INT64's limits and the first integers that a double can't tell apart. */
const awkwardIntegers = ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0", "-1"] as const;

/**
 * A single-table design that is hard but legal: every item can be loaded without loss by sample/hard.mapping.json.
 *
 * Each customer is four orders and a profile under one partition key. Orders sort before the profile, so a child comes
 * before its parent, as it may in an export.
 */
export const hardItems: ItemSet = {
  table: "Hard",
  partitionKey: "PK",
  sortKey: "SK",
  groupSize,
  itemAt({ index, total, seed }): Item {
    const customer = Math.floor(index / groupSize);
    const isLastOfGroup = index % groupSize === groupSize - 1 || index === total - 1;
    const random = randomAt(seed, index);
    const key = customerId(customer);
    return isLastOfGroup ? profile(random, key) : order(random, key, index % groupSize);
  },
};

function customerId(customer: number): string {
  return `c-${String(customer).padStart(9, "0")}-ü😀`;
}

function profile(random: Random, customer: string): Item {
  const item: Record<string, AttributeValue> = {
    PK: { S: `CUSTOMER#${customer}` },
    SK: { S: "PROFILE" },
    Name: { S: random.pick(awkwardTexts) },
    Joined: { N: `${1_500_000_000 + random.integer(200_000_000)}.${1 + random.integer(9)}` },
    Balance: { N: random.pick(awkwardAmounts) },
    Counter: { N: random.pick(awkwardIntegers) },
    Rating: { N: random.pick(["4.5", "-0.1", "1000000000000000000000", "0"]) },
    Active: { BOOL: random.chance(0.5) },
    Birthday: random.chance(0.5) ? { S: date(random) } : { NULL: true },
    Address: {
      M: {
        City: { S: random.pick(["Zürich", "東京", "São Paulo", "O'Fallon"]) },
        Lines: { L: Array.from({ length: random.integer(4) }, () => ({ S: random.pick(awkwardTexts) })) },
        Geo: { M: { Lat: { N: coordinate(random, 90) }, Lon: { N: coordinate(random, 180) } } },
      },
    },
    Tags: { SS: distinct(3, () => random.pick(awkwardTexts.filter((text) => text !== ""))) },
    Scores: { NS: distinct(3, () => random.pick(awkwardAmounts)) },
    Photo: { B: random.bytes(random.integer(200)).toString("base64") },
    Fingerprints: { BS: distinct(2, () => random.bytes(20).toString("base64")) },
    "plan.tier": { S: random.pick(["free", "paid"]) },
    // What is in no column of its own, under names that mean something to JavaScript.
    constructor: { S: "an attribute like any other" },
    ["__proto__"]: { M: { toString: { S: random.pick(awkwardTexts) } } },
    Exact: { N: random.pick(awkwardNumbers) },
    Nested: nested(random, 4),
    "🙂": { L: [] },
  };
  return without(random, item, ["Name", "Balance", "Address", "Tags", "Photo", "Nested", "Exact", "plan.tier"]);
}

function order(random: Random, customer: string, position: number): Item {
  const day = `${2020 + position}-${twoDigits(1 + random.integer(12))}-${twoDigits(1 + random.integer(28))}`;
  const item: Record<string, AttributeValue> = {
    PK: { S: `CUSTOMER#${customer}` },
    SK: { S: `ORDER#${day}#${position}` },
    Placed: { S: `${day}T23:59:59.${String(1 + random.integer(999_999_999)).padStart(9, "0")}+14:00` },
    Total: { N: random.pick(awkwardAmounts) },
    Lines: {
      L: Array.from({ length: random.integer(4) }, () => ({
        M: {
          Sku: { S: random.bytes(4).toString("hex") },
          Quantity: { N: String(1 + random.integer(9)) },
          Price: { N: random.pick(awkwardNumbers) },
          Note: random.chance(0.5) ? { NULL: true } : { S: random.pick(awkwardTexts) },
        },
      })),
    },
    Note: random.chance(0.3) ? { NULL: true } : { S: random.pick(awkwardTexts) },
  };
  return without(random, item, ["Total", "Note", "Lines"]);
}

/** Maps and lists in each other, with every kind of leaf. */
function nested(random: Random, depth: number): AttributeValue {
  if (depth === 0) {
    return random.pick<AttributeValue>([
      { S: random.pick(awkwardTexts) },
      { N: random.pick(awkwardNumbers) },
      { B: "AAEC/w==" },
      { BOOL: false },
      { NULL: true },
      { NS: ["10", "9", "-1"] },
      { BS: ["/w==", "AA=="] },
      { M: {} },
    ]);
  }
  return random.chance(0.5)
    ? { M: { a: nested(random, depth - 1), "b c": nested(random, 0), "x.y": nested(random, depth - 1) } }
    : { L: [nested(random, depth - 1), nested(random, 0)] };
}

/** Leaves each of the named attributes out of every fifth item. */
function without(random: Random, item: Item, names: readonly string[]): Item {
  const absent = new Set(names.filter(() => random.chance(0.2)));
  return Object.fromEntries(Object.entries(item).filter(([name]) => !absent.has(name)));
}
