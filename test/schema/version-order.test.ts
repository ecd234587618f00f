import { expect } from "chai";
import { PLACEHOLDER_SEQUENCE_NUMBER, padSequenceNumber } from "../../schema/sequence-number";
import {
  type ItemVersion,
  isStandInVersion,
  joinVersions,
  type OrderedChange,
  orderAgainst,
  versionOfChange,
} from "../../schema/version-order";

const SECOND = 1_700_000_000;

/** A streamed change in a second after {@link SECOND}. */
const streamed = (number: bigint, second: number | null): OrderedChange => ({
  sequenceNumber: padSequenceNumber(number),
  changedAt: second === null ? null : new Date((SECOND + second) * 1000).toISOString(),
});
/** A line of an incremental export, by seconds after {@link SECOND}. */
const exported = (seconds: number): OrderedChange => ({
  sequenceNumber: null,
  changedAt: null,
  writeTimestampMicros: String(Math.round((SECOND + seconds) * 1_000_000)),
});
const row: OrderedChange = { sequenceNumber: null, changedAt: null };
const version = (...changes: readonly OrderedChange[]): ItemVersion =>
  changes.map(versionOfChange).reduce((left, right) => joinVersions(left, right));
const standIn: ItemVersion = {
  sequenceNumber: PLACEHOLDER_SEQUENCE_NUMBER,
  changedAt: null,
  writeTimestampMicros: null,
};

describe("the order of versions", () => {
  const cases: readonly (readonly [string, OrderedChange, ItemVersion, ReturnType<typeof orderAgainst>])[] = [
    ["a streamed change, a higher number", streamed(2n, 0), version(streamed(1n, 5)), "newer"],
    ["a streamed change, the same number", streamed(2n, 0), version(streamed(2n, 0)), "older"],
    ["a streamed change, a lower number", streamed(9n, 7), version(streamed(10n, 0)), "older"],
    ["a line, later by a microsecond", exported(1.000002), version(exported(1.000001)), "newer"],
    ["a line, the same microsecond", exported(1.000001), version(exported(1.000001)), "older"],
    ["a line, earlier by a microsecond", exported(1), version(exported(1.000001)), "older"],
    ["a line, a second after a streamed change", exported(2), version(streamed(1n, 1)), "newer"],
    ["a line, in the second before a streamed change", exported(0.999999), version(streamed(1n, 1)), "older"],
    ["a line, in the second of a streamed change", exported(1.5), version(streamed(1n, 1)), "undecided"],
    ["a line, at the beginning of that second", exported(1), version(streamed(1n, 1)), "undecided"],
    ["a line after a streamed change without a time", exported(1), version(streamed(1n, null)), "undecided"],
    ["a streamed change, the second after a line", streamed(1n, 2), version(exported(1.9)), "newer"],
    ["a streamed change, the second before a line", streamed(1n, 0), version(exported(1)), "older"],
    ["a streamed change, the second of a line", streamed(1n, 1), version(exported(1)), "undecided"],
    ["a streamed change without a time, after a line", streamed(1n, null), version(exported(1)), "undecided"],
    [
      "a streamed change newer than the stream's, older than the line",
      streamed(2n, 3),
      version(streamed(1n, 2), exported(4)),
      "older",
    ],
    [
      "a streamed change newer than the line, older than the stream's",
      streamed(1n, 9),
      version(streamed(2n, 2), exported(4)),
      "older",
    ],
    [
      "a line newer than the line, older than the stream's",
      exported(3),
      version(streamed(2n, 5), exported(1)),
      "older",
    ],
    ["any change to a stand-in's version", streamed(1n, 1), standIn, "newer"],
    ["a line to a stand-in's version", exported(1), standIn, "newer"],
    ["a row of a full export to a stand-in's version", row, standIn, "newer"],
    ["a row of a full export to a streamed version", row, version(streamed(1n, 1)), "older"],
    ["a row of a full export to a line's version", row, version(exported(1)), "older"],
  ];
  for (const [title, change, before, expected] of cases) {
    it(`${title}: ${expected}`, () => expect(orderAgainst(change, before)).to.equal(expected));
  }

  it("keeps the later of both ways when versions join, each with its time", () => {
    const joined = version(streamed(3n, 1), exported(9), streamed(2n, 5), exported(4));
    expect(joined).to.deep.equal(version(streamed(3n, 1), exported(9)));
    expect(joined.changedAt).to.equal(streamed(3n, 1).changedAt);
  });

  it("tells a stand-in from an item that only an incremental export has brought", () => {
    expect(isStandInVersion(standIn)).to.equal(true);
    expect(isStandInVersion(version(exported(1)))).to.equal(false);
    expect(isStandInVersion(version(streamed(1n, 1)))).to.equal(false);
  });
});
