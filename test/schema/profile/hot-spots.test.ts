import { expect } from "chai";
import type { AttributeValue, Item } from "../../../schema/attribute-value";
import { propose } from "./gather";

/** The warnings about hot spots of a table with these partition keys. */
function warningsFor(keyAt: (index: number) => AttributeValue): readonly string[] {
  const items = Array.from({ length: 50 }, (_, index): Item => ({ id: keyAt(index), value: { N: "1" } }));
  return propose(items, { key: { partitionKey: "id" } }).warnings.filter((text) => text.startsWith("Hot spot"));
}

const hex = (index: number) => index.toString(16).padStart(12, "0");

describe("Hot spots", () => {
  const hot: readonly (readonly [what: string, keyAt: (index: number) => AttributeValue, reason: RegExp])[] = [
    ["a counter", (index) => ({ N: String(1_000 + index) }), /looks? like a counter \(1000 to 1049/],
    [
      "a counter behind a word",
      (index) => ({ S: `ORDER#${index + 1}` }),
      /id \(ORDER#\*\), and its values look like a counter/,
    ],
    ["moments", (index) => ({ N: String(1_700_000_000 + index * 977) }), /moments since 1970/],
    ["points in time", (index) => ({ S: `2024-01-01T00:00:${String(index + 10)}Z` }), /points in time/],
    ["ULIDs", (index) => ({ S: `01HQZX3J8K${String(index).padStart(16, "0")}` }), /time of their making/],
    ["UUIDs of version 7", (index) => ({ S: `018e1f2a-0000-7000-8000-${hex(index)}` }), /time of their making/],
  ];
  for (const [what, keyAt, reason] of hot) {
    it(`${what} as the key are warned of, with remedies`, () => {
      const [warning, ...others] = warningsFor(keyAt);
      expect(others).to.deep.equal([]);
      expect(warning)
        .to.match(reason)
        .and.to.match(/Remedies: /);
    });
  }

  const cool: readonly (readonly [what: string, keyAt: (index: number) => AttributeValue])[] = [
    ["random UUIDs", (index) => ({ S: `f47ac10b-58cc-4372-a567-${hex(index)}` })],
    ["names", (index) => ({ S: `name${index}` })],
    ["numbers far apart", (index) => ({ N: String((index * 7919 + 13) ** 2) })],
  ];
  for (const [what, keyAt] of cool) {
    it(`${what} are not`, () => expect(warningsFor(keyAt)).to.deep.equal([]));
  }
});
