import { expect } from "chai";
import fc from "fast-check";
import { type Decimal, parseDecimal } from "../../schema/decimal";
import { doubleHolds, nearestDouble, nearestSingle, singleHolds } from "../../schema/double";
import { anyNumber } from "./arbitrary-item";

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new Error(`${text} is no decimal`);
  return parsed;
}

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe("double", () => {
  it("holds a number if its shortest text is that number", () => {
    const held = (text: string) => doubleHolds(nearestDouble(decimal(text)), decimal(text));
    expect(held("0.1")).to.equal(true);
    expect(held("13.7391432")).to.equal(true);
    expect(held("9007199254740993")).to.equal(false);
    expect(held("1E+125")).to.equal(true);
    expect(held("0.1000000000000000055511151231257827")).to.equal(false);
    expect(held("3.14159265358979311599796346854")).to.equal(false);
    expect(held("9.9999999999999999999999999999999999999E+125")).to.equal(false);
  });

  it("holds the shortest text of every double, and agrees with JavaScript about every number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        const number = decimal(String(double));
        expect(nearestDouble(number) + 0).to.equal(double + 0);
        expect(doubleHolds(double, number)).to.equal(true);
      }),
    );
    fc.assert(
      fc.property(anyNumber, (text) => {
        const double = Number(text);
        expect(nearestDouble(decimal(text)) + 0).to.equal(double + 0);
        const digits = (value: string) => JSON.stringify(parseDecimal(value));
        expect(doubleHolds(double, decimal(text))).to.equal(digits(String(double)) === digits(text));
      }),
    );
  });
});

describe("single", () => {
  it("holds a number if its shortest text is that number", () => {
    const held = (text: string) => singleHolds(nearestSingle(decimal(text)), decimal(text));
    for (const text of ["0", "0.1", "16777216", "3.4028235E+38", "1E-45", "1.1754944E-38", "-2.5"]) {
      expect(held(text), text).to.equal(true);
    }
    for (const text of ["16777217", "0.100000001", "1E+39", "1E-46", "1.4E-45", "1234567.891"]) {
      expect(held(text), text).to.equal(false);
    }
  });

  it("is the nearest one even where rounding twice would miss it", () => {
    // Halfway between 1 and the next single, 1 + 2^-23, and a little more: the double in between is exactly halfway.
    expect(nearestSingle(decimal("1.00000005960464477539062500000000001"))).to.equal(1 + 2 ** -23);
    expect(nearestSingle(decimal("1.000000059604644775390625"))).to.equal(1);
    expect(nearestSingle(decimal("1.00000005960464477539062499999999999"))).to.equal(1);
    expect(nearestSingle(decimal("-1.00000005960464477539062500000000001"))).to.equal(-1 - 2 ** -23);
  });

  it("holds the shortest text of every single", () => {
    fc.assert(
      fc.property(float32, (single) => {
        let text = single.toPrecision(9);
        for (let digits = 8; digits > 0 && Math.fround(Number(single.toPrecision(digits))) === single; digits -= 1) {
          text = single.toPrecision(digits);
        }
        const number = decimal(text);
        expect(nearestSingle(number) + 0).to.equal(single + 0);
        expect(singleHolds(single, number), text).to.equal(true);
      }),
    );
  });
});
