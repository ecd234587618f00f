import { expect } from "chai";
import fc from "fast-check";
import type { Item } from "../../../schema/attribute-value";
import { ConversionError } from "../../../schema/conversion-error";
import { anyItem, anyNumber, anyText } from "../arbitrary-item";
import { propose, rowsOf } from "./gather";

const key = { partitionKey: "key of the item", sortKey: "sort" };

/** Items whose attributes have types of all kinds, with a key of its own each. */
const anyItems = fc
  .array(anyItem, { minLength: 1, maxLength: 12 })
  .map((items) =>
    items.map((item, index): Item => ({ ...item, [key.partitionKey]: { S: `p${index}` }, sort: { S: "s" } })),
  );

const keyWord = fc.constantFrom("ORDER", "LINE", "CUSTOMER", "PROFILE", "a", "7", "", "x y", "ä", "\n", "Meta");
const anyKeyText = fc.array(keyWord, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("#"));

describe("A proposed mapping never loses anything of what was profiled", function () {
  this.timeout(240_000);

  it("takes every item, whatever its attributes", () => {
    fc.assert(
      fc.property(anyItems, fc.integer({ min: 1, max: 3 }), (items, parts) => {
        expect(rowsOf(items, propose(items, { key, parts })).get("Things")).to.equal(items.length);
      }),
      { numRuns: 80 },
    );
  });

  it("takes every item when only a few attributes may be profiled, and some parts met that bound", () => {
    fc.assert(
      fc.property(
        anyItems,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 8 }),
        (items, parts, maxPaths) => {
          expect(rowsOf(items, propose(items, { key, parts, maxPaths })).get("Things")).to.equal(items.length);
        },
      ),
      { numRuns: 80 },
    );
  });

  it("takes columns of numbers and of texts that look like several types", () => {
    const near = fc.oneof(
      anyNumber.map((N) => ({ N })),
      fc.integer({ min: 0, max: 4_000_000_000 }).map((value) => ({ N: String(value) })),
      anyText.map((S) => ({ S })),
      fc
        .constantFrom(
          "2024-02-29",
          "2023-02-29",
          "2024-02-29T00:00:00Z",
          "2024-02-29T00:00:00.1234567891Z",
          "12",
          "012",
        )
        .map((S) => ({ S })),
    );
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 6 }), (values) => {
        const items = values.map(
          (value, index): Item => ({
            [key.partitionKey]: { N: String(index) },
            sort: { B: "AAEC" },
            createdAt: value,
            list: { L: [value] },
          }),
        );
        expect(rowsOf(items, propose(items, { key })).get("Things")).to.equal(items.length);
      }),
      { numRuns: 80 },
    );
  });

  it("takes keys of any text by their patterns, or, where one does not follow its pattern, by whole keys", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyKeyText, anyKeyText), { minLength: 1, maxLength: 20, selector: String }),
        (keys) => {
          const items = keys
            .filter(([partition, sort]) => partition !== "" && sort !== "")
            .map(
              ([partition, sort]): Item => ({
                [key.partitionKey]: { S: partition },
                sort: { S: sort },
                value: { N: "1" },
              }),
            );
          if (items.length === 0) return;
          const rows = rowsByPatternOrWhole(items);
          expect([...rows.values()].reduce((sum, count) => sum + count, 0)).to.equal(items.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** As `profile` does: what the proof refuses is proposed anew, with one table for all. */
function rowsByPatternOrWhole(items: readonly Item[]): Map<string, number> {
  try {
    return rowsOf(items, propose(items, { key }));
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return rowsOf(items, propose(items, { key, detail: "none" }));
  }
}
