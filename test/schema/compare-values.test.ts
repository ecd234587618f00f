import { expect } from "chai";
import fc from "fast-check";
import { type ColumnType, parseColumnType } from "../../schema/column-type";
import { canonicalJson } from "../../schema/compare-json";
import { sameValue } from "../../schema/compare-values";
import type { WireValue } from "../../schema/wire-value";

function nextDouble(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + 1n);
  return bits.getFloat64(0);
}

const cases: readonly (readonly [type: string, left: WireValue, right: WireValue, same: boolean])[] = [
  ["FLOAT64", 0.1, 0.1, true],
  ["FLOAT64", 0.1, nextDouble(0.1), false],
  ["FLOAT64", 0, -0, false],
  ["FLOAT64", "NaN", "NaN", true],
  ["FLOAT64", "Infinity", "-Infinity", false],
  ["FLOAT32", 1.5, 1.5, true],
  ["FLOAT32", Math.fround(0.1), 0.1, true],
  ["FLOAT32", 1.5, 1.50000012, false],
  ["INT64", "9007199254740993", "9007199254740992", false],
  ["INT64", "7", "7", true],
  ["NUMERIC", "1.50", "1.5", true],
  ["NUMERIC", "9.99e+28", "99900000000000000000000000000", true],
  ["NUMERIC", "1.000000001", "1", false],
  ["NUMERIC", "-1", "1", false],
  ["STRING(MAX)", "a", "a ", false],
  ["STRING(MAX)", "é", "e\u0301", false],
  ["STRING(MAX)", "", null, false],
  ["STRING(MAX)", null, null, true],
  ["BOOL", false, null, false],
  ["BYTES(MAX)", "YQ==", "YQ", true],
  ["BYTES(MAX)", "YQ==", "YR==", false],
  ["DATE", "2024-02-29", "2024-03-01", false],
  ["TIMESTAMP", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000000Z", true],
  ["TIMESTAMP", "2024-02-29T01:00:00+01:00", "2024-02-29T00:00:00Z", true],
  ["TIMESTAMP", "2024-02-29T01:00:00Z", "2024-02-29T00:00:00Z", false],
  ["TIMESTAMP", "2024-02-29T00:00:00.000000001Z", "2024-02-29T00:00:00Z", false],
  ["ARRAY<STRING(MAX)>", ["a", "b"], ["b", "a"], false],
  ["ARRAY<STRING(MAX)>", ["a", null], ["a"], false],
  ["ARRAY<STRING(MAX)>", [], null, false],
  ["ARRAY<NUMERIC>", ["1.0", null], ["1", null], true],
  ["JSON", '{"a":1,"b":[1,2]}', '{ "b": [1, 2], "a": 1.0 }', true],
  ["JSON", "13.7391432", "13.739143199999999", true],
  ["JSON", "13.7391432", "13.739143199999997", false],
  ["JSON", "9007199254740993", "9007199254740992", false],
  ["JSON", "18446744073709551615", "18446744073709551614", false],
  ["JSON", "[1,2]", "[2,1]", false],
  ["JSON", '{"__proto__":1}', "{}", false],
  ["JSON", '{"__proto__":1}', '{"__proto__":2}', false],
  ["JSON", '"1"', "1", false],
  ["JSON", "null", null, false],
  ["JSON", '"\\u0041\\n"', '"A\\u000a"', true],
  ["JSON", '{"a":"}"}', '{"a":"]"}', false],
];

describe("Values are compared as the database holds them", () => {
  for (const [type, left, right, same] of cases) {
    it(`${type}: ${JSON.stringify(left)} is ${same ? "" : "not "}${JSON.stringify(right)}`, () => {
      const columnType: ColumnType = parseColumnType(type);
      expect(sameValue(columnType, left, right, "googlesql")).to.equal(same);
      expect(sameValue(columnType, right, left, "googlesql")).to.equal(same);
    });
  }

  it("JSONB keeps every digit", () => {
    expect(sameValue({ kind: "JSON" }, "13.7391432", "13.739143199999999", "postgresql")).to.equal(false);
    expect(sameValue({ kind: "JSON" }, "1.50", "1.5", "postgresql")).to.equal(true);
  });

  it("documents are the same whatever the spaces and the order of members, and differ with any value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (one, other) => {
        // The database knows no negative zero in JSON.
        const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
        expect(canonicalJson(JSON.stringify(JSON.parse(left), undefined, 2), "googlesql")).to.equal(
          canonicalJson(JSON.stringify(reversed(JSON.parse(left))), "googlesql"),
        );
        const same = JSON.stringify(sorted(JSON.parse(left))) === JSON.stringify(sorted(JSON.parse(right)));
        expect(canonicalJson(left, "googlesql") === canonicalJson(right, "googlesql")).to.equal(same);
      }),
    );
  });

  it("text that is no JSON is not taken for any", () => {
    expect(canonicalJson("{a:1}", "googlesql")).to.equal(undefined);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
  // Told apart from an array of the same elements.
  return { members };
}
