import { expect } from "chai";
import fc from "fast-check";
import {
  daysSinceEpoch,
  formatDate,
  formatTimestamp,
  MAX_DAY,
  MAX_SECOND,
  MIN_DAY,
  MIN_SECOND,
  parseDateAt,
  parseTimestamp,
} from "../../schema/date-time";

const MILLISECONDS_PER_DAY = 86_400_000;

describe("date", () => {
  it("agrees with JavaScript's calendar for every day of a 400-year cycle at either end of the range", () => {
    const cycle = 146_097;
    for (let offset = 0; offset <= cycle; offset += 1) {
      for (const day of [MIN_DAY + offset, MAX_DAY - offset]) {
        const text = new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
        if (formatDate(day) !== text || parseDateAt(text, 0) !== day) expect.fail(`${text} is not day ${day}`);
      }
    }
    expect(formatDate(MIN_DAY)).to.equal("0001-01-01");
    expect(formatDate(MAX_DAY)).to.equal("9999-12-31");
  });

  it("refuses what is no calendar date", () => {
    const texts = ["2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-04-31"];
    for (const text of [
      ...texts,
      "0000-01-01",
      "2024-1-05",
      "20240105",
      "2024/01/05",
      "-024-01-05",
      "2024-01-0x",
      "",
    ]) {
      expect(parseDateAt(text, 0), text).to.be.NaN;
    }
    expect(parseDateAt("2000-02-29", 0)).to.equal(daysSinceEpoch(2000, 2, 29));
  });
});

describe("timestamp", () => {
  it("comes back from its text, for every second and nanosecond", () => {
    const moment = fc.record({
      seconds: fc.integer({ min: MIN_SECOND, max: MAX_SECOND }),
      nanoseconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
    });
    fc.assert(
      fc.property(moment, (original) => {
        const text = formatTimestamp(original);
        expect(parseTimestamp(text)).to.deep.equal({ ...original, remainder: "exact" });
        expect(new Date(original.seconds * 1000).toISOString().slice(0, 19)).to.equal(text.slice(0, 19));
      }),
    );
  });

  it("converts offsets as JavaScript does", () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
    const text = fc
      .tuple(
        fc.integer({ min: MIN_DAY, max: MAX_DAY }),
        part(23),
        part(59),
        part(59),
        fc.constantFrom("+", "-"),
        part(23),
        part(59),
      )
      .map(([day, h, m, s, sign, oh, om]) => `${formatDate(day)}T${h}:${m}:${s}${sign}${oh}:${om}`);
    fc.assert(
      fc.property(text, (value) => {
        expect(parseTimestamp(value)?.seconds).to.equal(Date.parse(value) / 1000);
      }),
    );
  });

  it("refuses what is no RFC 3339 point in time", () => {
    const texts = [
      "2024-02-29",
      "2024-02-29T12:00:00",
      "2024-02-29 12:00:00Z",
      "2024-02-30T12:00:00Z",
      "2024-02-29T24:00:00Z",
      "2024-02-29T12:60:00Z",
      "2016-12-31T23:59:60Z",
      "2024-02-29T12:00Z",
      "2024-02-29T12:00:00.Z",
      "2024-02-29T12:00:00,5Z",
      "2024-02-29T12:00:00+0100",
      "2024-02-29T12:00:00+1:00",
      "2024-02-29T12:00:00+24:00",
      "2024-02-29T12:00:00+01:60",
      "2024-02-29T12:00:00Zulu",
      "2024-02-29T12:00:00 Z",
      "2024-02-29T12:00:00\u22121:00",
      "2024-02-29T12:00:00Z\n",
      "02024-02-29T12:00:00Z",
      "",
    ];
    for (const text of texts) expect(parseTimestamp(text), text).to.equal(undefined);
    for (const text of ["2024-02-29t12:00:00z", "2024-02-29T12:00:00-00:00", "2024-02-29T13:00:00.000+01:00"]) {
      expect(parseTimestamp(text)?.seconds, text).to.equal(1_709_208_000);
    }
  });

  it("says what lies behind the ninth digit", () => {
    const remainder = (fraction: string) => parseTimestamp(`2024-02-29T12:00:00.${fraction}Z`)?.remainder;
    expect(remainder("1234567890")).to.equal("exact");
    expect(remainder("12345678949")).to.equal("below half");
    expect(remainder("1234567895")).to.equal("half or more");
    expect(remainder("1234567890000001")).to.equal("below half");
  });
});
