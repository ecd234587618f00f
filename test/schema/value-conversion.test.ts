import { expect } from "chai";
import fc from "fast-check";
import type { AttributeValue } from "../../schema/attribute-value";
import { parseColumnType } from "../../schema/column-type";
import { ConversionError } from "../../schema/conversion-error";
import { compileValueConverter } from "../../schema/convert-value";
import { formatDecimal, parseDecimal } from "../../schema/decimal";
import type { EpochUnit } from "../../schema/migration-plan";
import type { ConversionOptions } from "../../schema/value-converter";
import type { WireValue } from "../../schema/wire-value";
import { anyBytes, anyNumber, anyText, anyValue } from "./arbitrary-item";

function convert(type: string, value: AttributeValue, options: Partial<ConversionOptions> = {}): WireValue {
  return compileValueConverter(parseColumnType(type), { lossy: false, ...options })(value);
}

/** The result, or the refusal's code. */
function outcome(type: string, value: AttributeValue, options: Partial<ConversionOptions> = {}): WireValue {
  try {
    return convert(type, value, options);
  } catch (error) {
    if (error instanceof ConversionError) return error.code;
    throw error;
  }
}

/** The number × 10^260, an integer: the independent reckoning in BigInt. */
const SCALE = 260;
function scaled(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(text);
  const [, sign, integer = "", fraction = "", exponent = "0"] = match;
  const value = BigInt(integer + fraction) * 10n ** BigInt(SCALE + Number(exponent) - fraction.length);
  return sign === "-" ? -value : value;
}

/** The nearest multiple of 10^-places, halves away from zero, in units of 10^-places. */
function nearest(value: bigint, places: number): bigint {
  const unit = 10n ** BigInt(SCALE - places);
  const size = ((value < 0n ? -value : value) + unit / 2n) / unit;
  return value < 0n ? -size : size;
}

const scalarTypes = ["STRING(MAX)", "STRING(3)", "BYTES(MAX)", "BYTES(3)", "INT64", "NUMERIC", "FLOAT64", "FLOAT32"];
const types = [...scalarTypes, "BOOL", "DATE", "TIMESTAMP", "JSON"].flatMap((type) => [type, `ARRAY<${type}>`]);
const anyOptions: fc.Arbitrary<ConversionOptions> = fc.record({
  lossy: fc.boolean(),
  epoch: fc.constantFrom<EpochUnit>("seconds", "milliseconds", "microseconds", "nanoseconds"),
  dialect: fc.constantFrom("googlesql" as const, "postgresql" as const),
});

describe("conversion of values", () => {
  it("gives a value or a coded refusal, for everything that DynamoDB holds and every column", () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), anyOptions, anyValue, (type, options, value) => {
        const before = JSON.stringify(value);
        const result = outcome(type, value, options);
        expect(result).not.to.equal(undefined);
        expect(JSON.stringify(value), "the item is left as it was").to.equal(before);
        if (value.NULL !== undefined) expect(result).to.equal(null);
        else expect(result).not.to.equal(null);
        if (options.lossy) expect(result).not.to.equal("E_CONVERSION_INEXACT");
      }),
      { numRuns: 3000 },
    );
  });

  it("takes integers of 64 bits to INT64, and no others", () => {
    const near = fc
      .tuple(fc.constantFrom(0n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, 10n ** 18n), fc.bigInt(-3n, 3n))
      .map(([edge, step]) => String(edge + step));
    fc.assert(
      fc.property(fc.oneof(anyNumber, near), fc.boolean(), (N, lossy) => {
        const value = scaled(N);
        const integer = nearest(value, 0);
        const isExact = value % 10n ** BigInt(SCALE) === 0n;
        const fits = integer >= -(2n ** 63n) && integer < 2n ** 63n;
        const expected =
          !isExact && !lossy ? "E_CONVERSION_INEXACT" : fits ? String(integer) : "E_CONVERSION_OUT_OF_RANGE";
        expect(outcome("INT64", { N }, { lossy })).to.equal(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("takes 29 and 9 digits to NUMERIC, and no more", () => {
    const near = fc
      .tuple(fc.constantFrom("9".repeat(29), `1${"0".repeat(29)}`, "0"), fc.stringMatching(/^\d{1,9}$/))
      .map(([integer, fraction]) => `${integer}.${fraction}`);
    fc.assert(
      fc.property(fc.oneof(anyNumber, near), fc.boolean(), (N, lossy) => {
        const value = scaled(N);
        const units = nearest(value, 9);
        const isExact = value % 10n ** BigInt(SCALE - 9) === 0n;
        const result = outcome("NUMERIC", { N }, { lossy });
        if (!isExact && !lossy) expect(result).to.equal("E_CONVERSION_INEXACT");
        else if (units >= 10n ** 38n || units <= -(10n ** 38n)) expect(result).to.equal("E_CONVERSION_OUT_OF_RANGE");
        else {
          expect(result).to.match(/^-?\d{1,29}(?:\.\d{1,9})?$/);
          expect(scaled(String(result))).to.equal(units * 10n ** BigInt(SCALE - 9));
        }
      }),
      { numRuns: 500 },
    );
    expect(outcome("NUMERIC", { N: `${"9".repeat(29)}.999999999` })).to.equal(`${"9".repeat(29)}.999999999`);
    expect(outcome("NUMERIC", { S: `${"9".repeat(29)}.9999999995` }, { lossy: true })).to.equal(
      "E_CONVERSION_OUT_OF_RANGE",
    );
  });

  it("takes every number to the numeric of a PostgreSQL-dialect database", () => {
    fc.assert(
      fc.property(anyNumber, (N) => {
        expect(scaled(String(convert("NUMERIC", { N }, { dialect: "postgresql" })))).to.equal(scaled(N));
      }),
    );
  });

  it("takes to FLOAT64 what JavaScript prints again as the same number", () => {
    fc.assert(
      fc.property(anyNumber, (N) => {
        const same = JSON.stringify(parseDecimal(String(Number(N)))) === JSON.stringify(parseDecimal(N));
        expect(outcome("FLOAT64", { N })).to.equal(same ? Number(N) + 0 : "E_CONVERSION_INEXACT");
        expect(outcome("FLOAT64", { N }, { lossy: true })).to.equal(Number(N) + 0);
      }),
      { numRuns: 500 },
    );
  });

  it("never gives an infinite float, nor 0 for what is none", () => {
    fc.assert(
      fc.property(anyNumber, fc.constantFrom("FLOAT32", "FLOAT64"), (N, type) => {
        const result = outcome(type, { N }, { lossy: true });
        if (typeof result === "number") {
          expect(result).to.satisfy(Number.isFinite);
          expect(result === 0).to.equal(scaled(N) === 0n);
          if (type === "FLOAT32") expect(result).to.equal(Math.fround(result));
        } else expect(result).to.equal("E_CONVERSION_OUT_OF_RANGE");
      }),
    );
    for (const S of [`1${"0".repeat(400)}`, `0.${"0".repeat(400)}1`]) {
      expect(outcome("FLOAT64", { S }, { lossy: true })).to.equal("E_CONVERSION_OUT_OF_RANGE");
    }
  });

  it("writes every digit of a number as text", () => {
    fc.assert(
      fc.property(anyNumber, (N) => {
        const text = String(convert("STRING(MAX)", { N }));
        expect(text).to.equal(formatDecimal(parseDecimal(N) as NonNullable<ReturnType<typeof parseDecimal>>));
        expect(scaled(text)).to.equal(scaled(N));
      }),
    );
  });

  it("gives a String that is a plain number to the number columns as the Number would be", () => {
    fc.assert(
      fc.property(
        anyNumber,
        fc.constantFrom("INT64", "NUMERIC", "FLOAT64", "FLOAT32"),
        fc.boolean(),
        (N, type, lossy) => {
          const plain = convert("STRING(MAX)", { N }) as string;
          expect(outcome(type, { S: plain }, { lossy })).to.equal(outcome(type, { N }, { lossy }));
        },
      ),
    );
    for (const S of [
      "",
      "-0",
      "-0.0",
      "+1",
      "01",
      "1.",
      ".5",
      "1e3",
      " 1",
      "1 ",
      "1\n",
      "0x1",
      "NaN",
      "Infinity",
      "1,5",
    ]) {
      for (const type of ["INT64", "NUMERIC", "FLOAT64", "FLOAT32"]) {
        expect(outcome(type, { S }), JSON.stringify(S)).to.equal("E_CONVERSION_NOT_A_NUMBER");
      }
    }
  });

  it("counts epochs exactly", () => {
    const places = { seconds: 9, milliseconds: 6, microseconds: 3, nanoseconds: 0 } as const;
    const units = fc.constantFrom<EpochUnit>("seconds", "milliseconds", "microseconds", "nanoseconds");
    const earliest = BigInt(Date.parse("0001-01-01T00:00:00Z")) * 1_000_000n;
    const latest = BigInt(Date.parse("9999-12-31T23:59:59Z")) * 1_000_000n + 999_999_999n;
    const total = fc.oneof(
      fc.bigInt(earliest, latest),
      fc.bigInt(latest - 3n, latest + 3n),
      fc.bigInt(earliest - 3n, earliest + 3n),
    );
    fc.assert(
      fc.property(units, total, (epoch, nanoseconds) => {
        const N = `${nanoseconds}e-${places[epoch]}`;
        const result = outcome("TIMESTAMP", { N }, { epoch });
        if (nanoseconds < earliest || nanoseconds > latest) {
          expect(result).to.equal("E_CONVERSION_OUT_OF_RANGE");
          return;
        }
        const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
        const seconds = (nanoseconds - fraction) / 1_000_000_000n;
        const second = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
        const digits = fraction === 0n ? "" : `.${String(fraction).padStart(9, "0").replace(/0+$/, "")}`;
        expect(result).to.equal(`${second}${digits}Z`);
        const isMidnight = fraction === 0n && seconds % 86_400n === 0n;
        expect(outcome("DATE", { N }, { epoch })).to.equal(isMidnight ? second.slice(0, 10) : "E_CONVERSION_INEXACT");
        expect(outcome("DATE", { N }, { epoch, lossy: true })).to.equal(second.slice(0, 10));
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a Number in a date column that has no epoch", () => {
    expect(outcome("TIMESTAMP", { N: "0" })).to.equal("E_CONVERSION_NO_EPOCH");
    expect(outcome("DATE", { N: "0" })).to.equal("E_CONVERSION_NO_EPOCH");
  });

  it("rounds timestamps only with lossy, and to the nearest nanosecond", () => {
    const S = "2024-12-31T23:59:59.9999999995Z";
    expect(outcome("TIMESTAMP", { S })).to.equal("E_CONVERSION_INEXACT");
    expect(outcome("TIMESTAMP", { S }, { lossy: true })).to.equal("2025-01-01T00:00:00Z");
    expect(outcome("TIMESTAMP", { S: "9999-12-31T23:59:59.9999999995Z" }, { lossy: true })).to.equal(
      "E_CONVERSION_OUT_OF_RANGE",
    );
    expect(outcome("TIMESTAMP", { N: "1E-10" }, { lossy: true, epoch: "seconds" })).to.equal("1970-01-01T00:00:00Z");
    expect(outcome("TIMESTAMP", { N: "9.9E+125" }, { lossy: true, epoch: "seconds" })).to.equal(
      "E_CONVERSION_OUT_OF_RANGE",
    );
  });

  it("takes a String to DATE only if it is a date and nothing else", () => {
    expect(outcome("DATE", { S: "2024-02-29" })).to.equal("2024-02-29");
    for (const S of [
      "2024-02-29T00:00:00Z",
      "2024-02-29 ",
      " 2024-02-29",
      "2024-2-29",
      "20240229",
      "2024-02-30",
      "0000-01-01",
      "",
    ]) {
      expect(outcome("DATE", { S }, { lossy: true, epoch: "seconds" }), S).to.equal("E_CONVERSION_NOT_A_DATE");
    }
  });

  it("keeps to Spanner's first and last moment, in UTC", () => {
    expect(outcome("TIMESTAMP", { S: "0001-01-01T00:00:00Z" })).to.equal("0001-01-01T00:00:00Z");
    expect(outcome("TIMESTAMP", { S: "0001-01-01T00:00:00+00:01" })).to.equal("E_CONVERSION_OUT_OF_RANGE");
    expect(outcome("TIMESTAMP", { S: "9999-12-31T23:59:59.999999999Z" })).to.equal("9999-12-31T23:59:59.999999999Z");
    expect(outcome("TIMESTAMP", { S: "9999-12-31T23:59:59-00:01" })).to.equal("E_CONVERSION_OUT_OF_RANGE");
  });

  it("counts characters for STRING and bytes for BYTES", () => {
    fc.assert(
      fc.property(anyText, anyBytes, fc.integer({ min: 1, max: 20 }), (S, B, limit) => {
        const tooLong = "E_CONVERSION_TOO_LONG";
        expect(outcome(`STRING(${limit})`, { S })).to.equal([...S].length <= limit ? S : tooLong);
        expect(outcome(`BYTES(${limit})`, { B })).to.equal(Buffer.from(B, "base64").length <= limit ? B : tooLong);
      }),
    );
    expect(outcome("STRING(MAX)", { S: "x".repeat(2_621_440) })).to.have.length(2_621_440);
    expect(outcome("STRING(MAX)", { S: "x".repeat(2_621_441) })).to.equal("E_CONVERSION_TOO_LONG");
    const emoji = "😀".repeat(2_621_440);
    expect(outcome("STRING(MAX)", { S: emoji }) === emoji).to.equal(true);
    expect(outcome("BYTES(1)", { B: "AAA=" }, { dialect: "postgresql" }), "bytea has no length").to.equal("AAA=");
  });

  it("refuses half surrogate pairs, and U+0000 in JSONB", () => {
    for (const type of ["STRING(MAX)", "JSON"])
      expect(outcome(type, { S: "a\ud83d" })).to.equal("E_ITEM_LONE_SURROGATE");
    const postgresql = { dialect: "postgresql" } as const;
    for (const S of ["a\0", "\\\0"]) {
      expect(outcome("JSON", { S }, postgresql)).to.equal("E_CONVERSION_TEXT");
      expect(outcome("JSON", { L: [{ M: { [S]: { BOOL: true } } }] }, postgresql)).to.equal("E_CONVERSION_TEXT");
      expect(outcome("JSON", { SS: [S] }, postgresql)).to.equal("E_CONVERSION_TEXT");
      expect(outcome("JSON", { S })).to.equal(JSON.stringify(S));
      expect(outcome("STRING(MAX)", { S }, postgresql)).to.equal(S);
    }
    expect(outcome("JSON", { S: "\\u0000" }, postgresql)).to.equal('"\\\\u0000"');
  });

  it("gives equal sets equal arrays and documents, whatever their order", () => {
    const set = fc.oneof(
      fc.uniqueArray(anyText, { minLength: 1 }).map((texts) => ["SS", texts] as const),
      fc.uniqueArray(fc.maxSafeInteger().map(String), { minLength: 1 }).map((texts) => ["NS", texts] as const),
      fc.uniqueArray(anyBytes, { minLength: 1 }).map((texts) => ["BS", texts] as const),
    );
    const type = { SS: "ARRAY<STRING(MAX)>", NS: "ARRAY<NUMERIC>", BS: "ARRAY<BYTES(MAX)>" } as const;
    fc.assert(
      fc.property(set, fc.infiniteStream(fc.nat()), ([tag, texts], numbers) => {
        const shuffled = texts.map((text) => [text, numbers.next().value] as const).sort((a, b) => a[1] - b[1]);
        const [a, b] = [texts, shuffled.map(([text]) => text)].map(
          (set) => ({ [tag]: set }) as unknown as AttributeValue,
        );
        if (a === undefined || b === undefined) throw new Error();
        expect(convert(type[tag], a)).to.deep.equal(convert(type[tag], b));
        expect(convert("JSON", a)).to.equal(convert("JSON", b));
      }),
    );
  });

  it("says which element of a list is at fault, and names no value", () => {
    const list: AttributeValue = { L: [{ N: "1" }, { S: "s3cr3t" }] };
    expect(() => convert("ARRAY<INT64>", list))
      .to.throw(ConversionError)
      .with.property("message")
      .that.matches(/^element 1: /)
      .and.not.matches(/s3cr3t/);
  });
});
