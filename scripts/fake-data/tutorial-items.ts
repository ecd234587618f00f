import type { AttributeValue, Item } from "../../schema/attribute-value";
import type { ItemSet } from "./item-set";
import { surnames } from "./person-names";
import { type Random, randomAt } from "./random";

/** Share of the items that lack an attribute, for each attribute but the key. */
const absentShare = 0.05;

/**
 * The table of Google's tutorial "Migrating from DynamoDB to Spanner": Username (the key) and up to four attributes.
 * (https://cloud.google.com/spanner/docs/migrating-dynamodb-to-cloud-spanner)
 */
export const tutorialItems: ItemSet = {
  table: "Migration",
  partitionKey: "Username",
  groupSize: 1,
  itemAt({ index, seed }): Item {
    const random = randomAt(seed, index);
    return withSome(random, { Username: { S: username(random, index) } }, tutorialAttributes(random));
  },
};

/** A name that no other index has: the index itself is its end. */
export function username(random: Random, index: number): string {
  const letters = String.fromCharCode(97 + random.integer(26), 97 + random.integer(26));
  return `${random.pick(surnames)}${random.pick(surnames)}${letters}${index}`;
}

export function tutorialAttributes(random: Random): Item {
  return {
    PointsEarned: { N: String(random.integer(1000)) },
    ReminderDate: { S: date(random) },
    Subscribed: { BOOL: random.chance(0.8) },
    Zipcode: { N: String(10_000 + random.integer(89_999)) },
  };
}

/** A date of the years 2020 to 2026. */
export function date(random: Random): string {
  const year = 2020 + random.integer(7);
  const month = twoDigits(1 + random.integer(12));
  return `${year}-${month}-${twoDigits(1 + random.integer(28))}`;
}

export function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** `key` with each of the attributes, now and then without one. */
function withSome(random: Random, key: Item, attributes: Item): Item {
  const item: Record<string, AttributeValue> = { ...key };
  for (const [name, value] of Object.entries(attributes)) {
    if (!random.chance(absentShare)) item[name] = value;
  }
  return item;
}
