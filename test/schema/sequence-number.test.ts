import { expect } from "chai";
import fc from "fast-check";
import {
  isNewer,
  PLACEHOLDER_SEQUENCE_NUMBER,
  padSequenceNumber,
  parseSequenceNumber,
} from "../../schema/sequence-number";

const sequenceNumber = fc.bigInt(1n, 10n ** 40n - 1n);

describe("sequence numbers", () => {
  it("order as integers, padded or not, and their padded texts order alike", () => {
    fc.assert(
      fc.property(sequenceNumber, sequenceNumber, (left, right) => {
        expect(isNewer(left.toString(), right.toString())).to.equal(left > right);
        expect(padSequenceNumber(left) > padSequenceNumber(right)).to.equal(left > right);
      }),
    );
  });

  it("survive padding", () => {
    fc.assert(
      fc.property(sequenceNumber, (number) => {
        expect(padSequenceNumber(number)).to.have.lengthOf(40);
        expect(parseSequenceNumber(padSequenceNumber(number))).to.equal(number);
      }),
    );
  });

  it("are all newer than a stand-in's", () => {
    expect(isNewer(padSequenceNumber(1n), PLACEHOLDER_SEQUENCE_NUMBER)).to.equal(true);
  });
});
