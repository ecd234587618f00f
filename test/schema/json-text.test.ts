import { expect } from "chai";
import fc from "fast-check";
import { type AttributeValue, type Item, parseItem } from "../../schema/attribute-value";
import { canonicalDecimalText, compareDecimals, type Decimal, parseDecimal } from "../../schema/decimal";
import { dynamodbJsonText, jsonNumber, jsonText } from "../../schema/json-text";
import { anyItem, anyNumber, anyValue } from "./arbitrary-item";

function decimal(text: string): Decimal {
  return parseDecimal(text) ?? expect.fail(`${text} is no decimal`);
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "base64");
}

/** The value as JSON.parse must give it back: the same rules, written down a second time and without text. */
function plain(value: AttributeValue): unknown {
  if (value.N !== undefined) return plainNumber(value.N);
  if (value.M !== undefined)
    return Object.fromEntries(Object.entries(value.M).map(([name, entry]) => [name, plain(entry)]));
  if (value.L !== undefined) return value.L.map(plain);
  if (value.SS !== undefined) return [...value.SS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (value.BS !== undefined) return [...value.BS].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  if (value.NS !== undefined) {
    return [...value.NS].sort((a, b) => compareDecimals(decimal(a), decimal(b))).map(plainNumber);
  }
  if (value.NULL !== undefined) return null;
  return value.S ?? value.B ?? value.BOOL;
}

function plainNumber(text: string): unknown {
  const json = jsonNumber(text, "googlesql");
  return json.startsWith('"') ? canonicalDecimalText(text) : Number(text) + 0;
}

describe("jsonText", () => {
  it("is JSON that parses back to the value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(JSON.parse(jsonText(value, "googlesql"))).to.deep.equal(plain(value));
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps every digit of every number: as a JSON number that the database keeps, or as a string", () => {
    fc.assert(
      fc.property(anyNumber, (text) => {
        const json = jsonNumber(text, "googlesql");
        const isText = json.startsWith('"');
        const digits = isText ? JSON.parse(json) : json;
        expect(compareDecimals(decimal(digits), decimal(text))).to.equal(0);
        // What Spanner documents that it keeps: INT64, UINT64, and what comes back unchanged from a double.
        const integer = /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
        const isInteger64 = integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 64n;
        const comesBack = compareDecimals(decimal(String(Number(digits))), decimal(digits)) === 0;
        expect(isText).to.equal(!isInteger64 && !comesBack);
        const postgresql = jsonNumber(text, "postgresql");
        expect(postgresql).to.equal(canonicalDecimalText(text));
      }),
      { numRuns: 1000 },
    );
    expect(jsonNumber("18446744073709551615", "googlesql")).to.equal("18446744073709551615");
    expect(jsonNumber("18446744073709551616", "googlesql")).to.equal('"18446744073709551616"');
    expect(jsonNumber("-9223372036854775808", "googlesql")).to.equal("-9223372036854775808");
    expect(jsonNumber("13.7391432", "googlesql")).to.equal("13.7391432");
    expect(jsonNumber("1E-130", "googlesql")).to.equal("1e-130");
  });

  it("keeps names that code might take for something else", () => {
    const item: Item = JSON.parse(
      '{"__proto__":{"S":"x"},"constructor":{"N":"1"},"":{"M":{"__proto__":{"BOOL":true}}}}',
    );
    expect(jsonText({ M: item }, "googlesql")).to.equal('{"__proto__":"x","constructor":1,"":{"__proto__":true}}');
    expect(dynamodbJsonText(item, "googlesql")).to.equal(
      '{"":{"M":{"__proto__":{"BOOL":true}}},"__proto__":{"S":"x"},"constructor":{"N":"1"}}',
    );
  });
});

describe("dynamodbJsonText", () => {
  /** The order of sets, and how a number is spelt, carry no information. */
  function canonical(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(canonical);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, content]) => {
        if (name === "N" && typeof content === "string") return [name, canonicalDecimalText(content)];
        if (name === "NS" && Array.isArray(content))
          return [name, content.map((text) => canonicalDecimalText(text)).sort()];
        if ((name === "SS" || name === "BS") && Array.isArray(content)) return [name, [...content].sort()];
        return [name, canonical(content)];
      }),
    );
  }

  it("gives back every attribute with its type and every digit", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const text = dynamodbJsonText(item, "googlesql");
        const back = parseItem(JSON.parse(text));
        expect(canonical(back)).to.deep.equal(canonical(item));
        expect(dynamodbJsonText(back, "googlesql")).to.equal(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not depend on the order of names", () => {
    const names = ["b", "～", "😀", "a", "B", ""];
    const item = (order: readonly string[]): Item => Object.fromEntries(order.map((name) => [name, { BOOL: true }]));
    expect(dynamodbJsonText(item(names), "googlesql")).to.equal(
      dynamodbJsonText(item(names.toReversed()), "googlesql"),
    );
    expect(Object.keys(JSON.parse(dynamodbJsonText(item(names), "googlesql")))).to.deep.equal([
      "",
      "B",
      "a",
      "b",
      "～",
      "😀",
    ]);
  });
});
