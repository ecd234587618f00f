import { expect } from "chai";
import fc from "fast-check";
import type { ErrorCode } from "../../errors/codes";
import { itemSize, parseItem } from "../../schema/attribute-value";
import { ConversionError } from "../../schema/conversion-error";
import { anyItem } from "./arbitrary-item";

function refusal(item: unknown): ConversionError {
  try {
    parseItem(item);
  } catch (error) {
    if (error instanceof ConversionError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(item)}`);
}

/** `{M: {n: {M: …}}}` or lists, `levels` deep, around a scalar. */
function nested(levels: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = { S: "leaf" };
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

describe("parseItem", () => {
  it("gives back the very object that it was given", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const before = JSON.stringify(item);
        expect(parseItem(item)).to.equal(item);
        expect(JSON.stringify(item)).to.equal(before);
      }),
    );
  });

  const refused: readonly [string, unknown, ErrorCode, string | undefined][] = [
    ["an array", [], "E_ITEM_NOT_AN_OBJECT", undefined],
    ["null", null, "E_ITEM_NOT_AN_OBJECT", undefined],
    ["a text", "x", "E_ITEM_NOT_AN_OBJECT", undefined],
    ["a bare value", { Age: 5 }, "E_ITEM_NOT_AN_OBJECT", "Age"],
    ["a bare array", { Age: [] }, "E_ITEM_NOT_AN_OBJECT", "Age"],
    ["no type", { Age: {} }, "E_ITEM_NO_TYPE", "Age"],
    ["an unknown type", { Age: { X: "5" } }, "E_ITEM_UNKNOWN_TYPE", "Age"],
    ["a type in lower case", { Age: { n: "5" } }, "E_ITEM_UNKNOWN_TYPE", "Age"],
    ["an inherited name as type", { Age: { constructor: "5" } }, "E_ITEM_UNKNOWN_TYPE", "Age"],
    ["__proto__ as type", { Age: JSON.parse('{"__proto__":{"S":"x"}}') }, "E_ITEM_UNKNOWN_TYPE", "Age"],
    ["two types", { Age: { S: "5", N: "5" } }, "E_ITEM_SEVERAL_TYPES", "Age"],
    ["S as a number", { Age: { S: 5 } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["N as a JSON number", { Age: { N: 5 } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["BOOL as text", { Age: { BOOL: "true" } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["L as an object", { Age: { L: {} } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["SS as text", { Age: { SS: "x" } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["SS of numbers", { Age: { SS: [1] } }, "E_ITEM_WRONG_JSON_TYPE", "Age"],
    ["M as an array", { Age: { M: [] } }, "E_ITEM_NOT_AN_OBJECT", "Age"],
    ["a word as N", { Age: { N: "five" } }, "E_ITEM_NOT_A_NUMBER", "Age"],
    ["an empty N", { Age: { N: "" } }, "E_ITEM_NOT_A_NUMBER", "Age"],
    ["NaN", { Age: { N: "NaN" } }, "E_ITEM_NOT_A_NUMBER", "Age"],
    ["39 digits", { Age: { N: "1".repeat(39) } }, "E_ITEM_NUMBER_PRECISION", "Age"],
    ["39 digits behind the point", { Age: { N: `0.${"1".repeat(39)}` } }, "E_ITEM_NUMBER_PRECISION", "Age"],
    ["1E+126", { Age: { N: "1E+126" } }, "E_ITEM_NUMBER_RANGE", "Age"],
    ["-1E+126", { Age: { N: "-1E+126" } }, "E_ITEM_NUMBER_RANGE", "Age"],
    ["9.9E-131", { Age: { N: "9.9E-131" } }, "E_ITEM_NUMBER_RANGE", "Age"],
    ["base64 without padding", { Age: { B: "aGk" } }, "E_ITEM_NOT_BASE64", "Age"],
    ["base64 of the URL alphabet", { Age: { B: "_-8=" } }, "E_ITEM_NOT_BASE64", "Age"],
    ["base64 with stray bits", { Age: { B: "aGl=" } }, "E_ITEM_NOT_BASE64", "Age"],
    ["base64 with a line break", { Age: { B: "aGk=\n" } }, "E_ITEM_NOT_BASE64", "Age"],
    ["padding alone", { Age: { B: "====" } }, "E_ITEM_NOT_BASE64", "Age"],
    ["an empty SS", { Age: { SS: [] } }, "E_ITEM_EMPTY_SET", "Age"],
    ["an empty NS", { Age: { NS: [] } }, "E_ITEM_EMPTY_SET", "Age"],
    ["an empty BS", { Age: { BS: [] } }, "E_ITEM_EMPTY_SET", "Age"],
    ["a text twice", { Age: { SS: ["a", "b", "a"] } }, "E_ITEM_DUPLICATE_IN_SET", "Age"],
    ["a number twice, spelt otherwise", { Age: { NS: ["1", "2", "1.0"] } }, "E_ITEM_DUPLICATE_IN_SET", "Age"],
    ["a binary twice", { Age: { BS: ["aGk=", "aGk="] } }, "E_ITEM_DUPLICATE_IN_SET", "Age"],
    ["a bad number in a set", { Age: { NS: ["1", "x"] } }, "E_ITEM_NOT_A_NUMBER", "Age"],
    ["NULL false", { Age: { NULL: false } }, "E_ITEM_NULL_NOT_TRUE", "Age"],
    ["half a surrogate pair", { Age: { S: "a\ud83d" } }, "E_ITEM_LONE_SURROGATE", "Age"],
    ["half a surrogate pair in a set", { Age: { SS: ["\ude00"] } }, "E_ITEM_LONE_SURROGATE", "Age"],
    ["half a surrogate pair in a name", { "a\ud83d": { S: "x" } }, "E_ITEM_LONE_SURROGATE", "a\ud83d"],
    [
      "a fault deep inside",
      { A: { M: { "b.c": { L: [{ S: "" }, { N: "x" }] } } } },
      "E_ITEM_NOT_A_NUMBER",
      'A["b.c"][1]',
    ],
    ["33 Maps", { A: nested(33, (value) => ({ M: { m: value } })) }, "E_ITEM_NESTED_TOO_DEEPLY", `A${".m".repeat(32)}`],
    ["33 Lists", { A: nested(33, (value) => ({ L: [value] })) }, "E_ITEM_NESTED_TOO_DEEPLY", `A${"[0]".repeat(32)}`],
  ];
  for (const [name, item, code, attribute] of refused) {
    it(`refuses ${name}`, () => {
      const error = refusal(item);
      expect(error.code).to.equal(code);
      expect(error.attribute).to.equal(attribute);
      if (attribute !== undefined) expect(error.message).to.include(attribute);
    });
  }

  it("accepts the limits themselves", () => {
    const numbers = ["9".repeat(38), "9.9999999999999999999999999999999999999E+125", "-1E-130", "0", "0E+999", "-0.0"];
    const accepted = [
      ...numbers.map((N) => ({ A: { N } })),
      { A: { S: "" }, B: { B: "" }, C: { L: [] }, D: { M: {} } },
      { A: nested(32, (value) => ({ M: { m: value } })) },
      { A: nested(32, (value) => ({ L: [value] })) },
      JSON.parse('{"__proto__":{"S":"x"},"constructor":{"N":"1"},"":{"BOOL":false}}'),
      { A: { S: "😀\0\u2028" } },
      {},
    ];
    for (const item of accepted) expect(parseItem(item)).to.equal(item);
  });

  it("throws nothing but errors with a code, whatever the JSON", () => {
    const key = fc.oneof(
      fc.constantFrom("S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL", "__proto__"),
      fc.string(),
    );
    const json = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>(null, true, false, 0, -1.5, "", "1", "aGk=", "\ud800", undefined),
        fc.string({ unit: "binary" }),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.dictionary(key, tie("json"), { maxKeys: 3 }),
      ),
    })).json;
    fc.assert(
      fc.property(json, (value) => {
        try {
          parseItem(value);
        } catch (error) {
          expect(error).to.be.instanceOf(ConversionError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("names no value in its messages", () => {
    const secret = "s3cr3t";
    for (const item of [
      { A: { N: secret } },
      { A: { B: secret } },
      { A: { BOOL: secret } },
      { A: { SS: [secret, secret] } },
    ]) {
      expect(refusal(item).message).not.to.include(secret);
    }
  });
});

describe("itemSize", () => {
  it("counts as DynamoDB documents it", () => {
    expect(itemSize({})).to.equal(0);
    expect(itemSize({ Name: { S: "Zoë😀" } })).to.equal(4 + 8);
    expect(itemSize({ N: { N: "12345" } })).to.equal(1 + 3 + 1);
    expect(itemSize({ N: { N: "1200000" } })).to.equal(1 + 1 + 1);
    expect(itemSize({ B: { B: "aGk=" } })).to.equal(1 + 2);
    expect(itemSize({ A: { BOOL: false }, B: { NULL: true } })).to.equal(2 + 2);
    expect(itemSize({ L: { L: [] }, M: { M: {} } })).to.equal(4 + 4);
    expect(itemSize({ L: { L: [{ S: "ab" }, { S: "c" }] } })).to.equal(1 + 3 + 3 + 2);
    expect(itemSize({ M: { M: { k: { S: "ab" } } } })).to.equal(1 + 3 + 3 + 1);
    expect(itemSize({ S: { SS: ["ab", "c"] }, N: { NS: ["1", "22"] }, B: { BS: ["aGk="] } })).to.equal(3 + 3 + 4 + 2);
  });
});
