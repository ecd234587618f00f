import { expect } from "chai";
import fc from "fast-check";
import {
  canonicalDecimalText,
  compareDecimals,
  type Decimal,
  formatDecimal,
  isInteger,
  isShortInteger,
  parseDecimal,
  roundDecimal,
  toBigInt,
} from "../../schema/decimal";
import { anyNumber } from "./arbitrary-item";

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new Error(`${text} is no decimal`);
  return parsed;
}

/** The number × 10^200, which is an integer for every DynamoDB Number: the independent reckoning. */
function scaled(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(text);
  const [, sign, integer = "", fraction = "", exponent = "0"] = match;
  const value = BigInt(integer + fraction) * 10n ** BigInt(200 + Number(exponent) - fraction.length);
  return sign === "-" ? -value : value;
}

describe("decimal", () => {
  it("has one form for each number", () => {
    for (const text of ["100", "1E+2", "1e2", "0100", "100.00", "10.0E1", "+100", "1000e-1"]) {
      expect(parseDecimal(text), text).to.deep.equal({ negative: false, digits: "1", exponent: 2 });
    }
    for (const text of ["0", "-0", "0.000", "0E+5", "-0.0e-7"]) {
      expect(parseDecimal(text), text).to.deep.equal({ negative: false, digits: "0", exponent: 0 });
    }
  });

  it("refuses what is no number", () => {
    const texts = [
      "",
      " 1",
      "1 ",
      "1\n",
      "abc",
      "NaN",
      "Infinity",
      "-",
      ".5",
      "5.",
      "1e",
      "1e+",
      "0x10",
      "1_000",
      "1,5",
    ];
    for (const text of [...texts, "--1", "1.2.3", "١٢", "1E999999999999"]) {
      expect(parseDecimal(text), JSON.stringify(text)).to.equal(undefined);
    }
  });

  it("writes plain text without exponent", () => {
    expect(canonicalDecimalText("1E+2")).to.equal("100");
    expect(canonicalDecimalText("-1.50E-3")).to.equal("-0.0015");
    expect(canonicalDecimalText("-0")).to.equal("0");
    expect(canonicalDecimalText("9.99E+125")).to.equal(`999${"0".repeat(123)}`);
    expect(canonicalDecimalText("1E-130")).to.equal(`0.${"0".repeat(129)}1`);
  });

  it("keeps the value of every number", () => {
    fc.assert(
      fc.property(anyNumber, (text) => {
        const plain = formatDecimal(decimal(text));
        expect(plain).to.match(/^(?:0|-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?)$/);
        expect(scaled(plain)).to.equal(scaled(text));
        expect(canonicalDecimalText(plain)).to.equal(plain);
      }),
    );
  });

  it("compares as the numbers do", () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, (a, b) => {
        const [left, right] = [scaled(a), scaled(b)];
        const expected = left < right ? -1 : left > right ? 1 : 0;
        expect(Math.sign(compareDecimals(decimal(a), decimal(b)))).to.equal(expected);
      }),
    );
  });

  it("tells integers and gives them as bigint", () => {
    fc.assert(
      fc.property(anyNumber, (text) => {
        const number = decimal(text);
        expect(isInteger(number)).to.equal(scaled(text) % 10n ** 200n === 0n);
        if (isInteger(number)) expect(toBigInt(number)).to.equal(scaled(text) / 10n ** 200n);
      }),
    );
  });

  it("rounds to the nearest, halves away from zero", () => {
    const rounded = (text: string, places: number) => formatDecimal(roundDecimal(decimal(text), places));
    expect(rounded("0.5", 0)).to.equal("1");
    expect(rounded("-0.5", 0)).to.equal("-1");
    expect(rounded("0.49999", 0)).to.equal("0");
    expect(rounded("9.995", 2)).to.equal("10");
    expect(rounded("0.05", 0)).to.equal("0");
    fc.assert(
      fc.property(anyNumber, fc.integer({ min: -5, max: 30 }), (text, places) => {
        const unit = 10n ** BigInt(200 - places);
        const value = scaled(text);
        const size = value < 0n ? -value : value;
        const nearest = ((size + unit / 2n) / unit) * unit;
        expect(scaled(rounded(text, places))).to.equal(value < 0n ? -nearest : nearest);
      }),
    );
  });

  it("knows short integers, and nothing else, as such", () => {
    for (const text of ["0", "7", "-7", "999999999999999", "-999999999999999"])
      expect(isShortInteger(text), text).to.equal(true);
    const others = ["", "-", "-0", "00", "01", "+1", "1.0", "1e3", " 1", "1000000000000000", "-1000000000000000", "1a"];
    for (const text of others) expect(isShortInteger(text), text).to.equal(false);
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?[0-9.eE]{0,18}$/), (text) => {
        expect(isShortInteger(text)).to.equal(/^(?:0|-?[1-9]\d{0,14})$/.test(text));
      }),
    );
  });
});
