import type { Item } from "../../schema/attribute-value";
import type { ItemSet } from "./item-set";
import { surnames } from "./person-names";
import { type Random, randomAt } from "./random";
import { date, tutorialAttributes, username } from "./tutorial-items";

const words = [
  ...["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima"],
  ...["mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", '"quoted"', "ünïcödé"],
] as const;

/** Twenty attributes and about 1.6 KB of JSON an item: what the benchmarks call wide rows. Every item has them all. */
export const wideItems: ItemSet = {
  table: "Wide",
  partitionKey: "Username",
  groupSize: 1,
  itemAt({ index, seed }): Item {
    const random = randomAt(seed, index);
    return {
      Username: { S: username(random, index) },
      ...tutorialAttributes(random),
      Email: { S: `${random.pick(surnames)}.${index}@example.com` },
      CreatedAt: { S: `${date(random)}T12:34:56.${String(random.integer(1000)).padStart(3, "0")}Z` },
      UpdatedAt: { N: String(1_600_000_000 + random.integer(100_000_000)) },
      Balance: { N: `${1 + random.integer(1_000_000_000)}.${1 + random.integer(9)}` },
      Big: { N: `1234567890123456789${random.integer(10)}` },
      Address: { M: address(random) },
      Prefs: { M: preferences },
      Orders: { L: Array.from({ length: 3 }, () => order(random)) },
      Tags: { SS: distinct(4, () => `tag${random.integer(50)}`) },
      Scores: { NS: distinct(4, () => String(random.integer(1000))) },
      Blobs: { BS: [16, 17].map((length) => random.bytes(length).toString("base64")) },
      Photo: { B: random.bytes(96).toString("base64") },
      Bio: { S: sentence(random, 30) },
      Deleted: { NULL: true },
      Notes: { S: sentence(random, 16) },
    };
  },
};

const preferences: Item = {
  Theme: { S: "dark" },
  Emails: { BOOL: true },
  Nothing: { NULL: true },
  Levels: { L: [{ N: "1" }, { N: "2.5" }, { S: "x" }] },
};

function address(random: Random): Item {
  return {
    Street: { S: `${random.integer(999)} ${sentence(random, 2)}` },
    City: { S: random.pick(words) },
    Geo: { M: { Lat: { N: coordinate(random, 90) }, Lon: { N: coordinate(random, 180) } } },
    Lines: { L: [{ S: sentence(random, 2) }, { S: sentence(random, 2) }] },
  };
}

function order(random: Random): { readonly M: Item } {
  return {
    M: {
      Id: { S: random.bytes(6).toString("hex") },
      Total: { N: `${random.integer(1000)}.${1 + random.integer(9)}` },
      Qty: { N: String(random.integer(9)) },
    },
  };
}

/** Degrees with six digits behind the point, the last one not 0. */
export function coordinate(random: Random, limit: number): string {
  const fraction = String(random.integer(100_000)).padStart(5, "0");
  return `${random.integer(limit)}.${fraction}${1 + random.integer(9)}`;
}

export function distinct(count: number, make: () => string): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(make());
  return [...found];
}

function sentence(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick(words)).join(" ");
}
