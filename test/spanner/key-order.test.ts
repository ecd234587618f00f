import { expect } from "chai";
import fc from "fast-check";
import type { ColumnType } from "../../schema/column-type";
import type { WireValue } from "../../schema/wire-value";
import { type KeyPart, sortByKey } from "../../spanner/key-order";
import { encodeRows } from "./encoded";
import { valuesOf } from "./wire-values";

function sorted(type: ColumnType, values: readonly WireValue[], descending = false): WireValue[] {
  const rows = encodeRows(values.map((value) => [value]));
  return Array.from(sortByKey(rows, [{ type, descending }]), (index) => values[index] as WireValue);
}

const text = { kind: "STRING", length: "MAX" } as const;

describe("sortByKey", () => {
  const cases: readonly { type: ColumnType; order: readonly WireValue[] }[] = [
    { type: text, order: [null, "", "A", "Z", "a", "aa", "b", "é", "\uffee", "😀"] },
    {
      type: { kind: "INT64" },
      order: [null, "-9223372036854775808", "-10", "-9", "0", "9", "10", "9223372036854775807"],
    },
    { type: { kind: "NUMERIC" }, order: [null, "-10.5", "-10.25", "-9.75", "-0.5", "0", "0.000000001", "9.9", "10"] },
    { type: { kind: "BOOL" }, order: [null, false, true] },
    { type: { kind: "DATE" }, order: [null, "0001-01-01", "2026-01-31", "2026-02-01"] },
    {
      type: { kind: "TIMESTAMP" },
      order: [
        null,
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000000001Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:01Z",
      ],
    },
    { type: { kind: "FLOAT64" }, order: [null, "NaN", "-Infinity", -1e300, -1, 0, 5e-324, 2, 10, "Infinity"] },
    {
      type: { kind: "BYTES", length: "MAX" },
      order: [
        null,
        ...["", "00", "0000", "0001", "01", "3e", "fb", "ff"].map((hex) => Buffer.from(hex, "hex").toString("base64")),
      ],
    },
  ];

  for (const { type, order } of cases) {
    it(`orders ${type.kind} as Spanner does`, () => {
      fc.assert(
        fc.property(fc.shuffledSubarray([...order], { minLength: order.length }), (shuffled) => {
          expect(sorted(type, shuffled)).to.deep.equal(order);
          expect(sorted(type, shuffled, true)).to.deep.equal([...order].reverse());
        }),
        { numRuns: 50 },
      );
    });
  }

  it("orders random keys as their values are ordered", () => {
    const check = (type: ColumnType, compare: (a: string, b: string) => number): void => {
      const values = valuesOf(type).filter((value): value is string => value !== null);
      fc.assert(
        fc.property(fc.array(values, { maxLength: 30 }), (keys) => {
          expect(sorted(type, keys)).to.deep.equal(keys.toSorted(compare));
        }),
        { numRuns: 60 },
      );
    };
    check(text, (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    check({ kind: "BYTES", length: "MAX" }, (a, b) =>
      Buffer.compare(Buffer.from(a, "base64"), Buffer.from(b, "base64")),
    );
    check({ kind: "INT64" }, (a, b) => Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b)));
  });

  it("goes on to the next column where the first are equal, each with its own direction", () => {
    const values = [
      ["b", "1"],
      ["a", "2"],
      ["b", "10"],
      ["a", "-1"],
    ];
    const key: readonly KeyPart[] = [
      { type: text, descending: false },
      { type: { kind: "INT64" }, descending: true },
    ];
    const order = sortByKey(encodeRows(values, 2), key);
    expect(Array.from(order, (index) => values[index]?.join())).to.deep.equal(["a,2", "a,-1", "b,10", "b,1"]);
  });

  it("orders many keys that begin alike, or are prefixes of each other", () => {
    const part = fc.constantFrom("CUSTOMER#", "0000", "a", "\u0000", "é", "😀", "");
    const texts = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(""));
    const keys = fc.array(fc.tuple(fc.option(texts, { freq: 9 }), fc.nat(3).map(String)), {
      minLength: 100,
      maxLength: 600,
      size: "max",
    });
    fc.assert(
      fc.property(keys, fc.boolean(), fc.boolean(), (values, descending, secondDescending) => {
        const order = sortByKey(encodeRows(values, 2), [
          { type: text, descending },
          { type: { kind: "INT64" }, descending: secondDescending },
        ]);
        const compareText = (a: string | null, b: string | null): number =>
          Number(a !== null) - Number(b !== null) || Buffer.compare(Buffer.from(a ?? ""), Buffer.from(b ?? ""));
        const expected = values
          .map((value, index) => ({ value, index }))
          .sort(
            (a, b) =>
              compareText(a.value[0], b.value[0]) * (descending ? -1 : 1) ||
              (Number(a.value[1]) - Number(b.value[1])) * (secondDescending ? -1 : 1) ||
              a.index - b.index,
          )
          .map(({ index }) => index);
        expect(Array.from(order)).to.deep.equal(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps the order of rows with one key: the last of them is the one that stays", () => {
    const rows = encodeRows(Array.from({ length: 100 }, (_, index) => [`k${index % 3}`, String(index)]));
    const order = Array.from(sortByKey(rows, [{ type: text, descending: true }]));
    for (const remainder of [0, 1, 2]) {
      const same = order.filter((index) => index % 3 === remainder);
      expect(same).to.deep.equal(same.toSorted((a, b) => a - b));
    }
  });
});
