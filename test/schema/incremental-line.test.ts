import { expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { parseIncrementalLine } from "../../schema/incremental-line";
import { incrementalLine } from "../export/incremental-folder";

const KEYS = { PK: { S: "a" } };
const IMAGE = { ...KEYS, Name: { S: "n" } };
const MICROS = "1680109764000123";

function codeOf(line: string): string {
  try {
    parseIncrementalLine(line);
  } catch (error) {
    if (error instanceof MigrationError) return error.code;
    throw error;
  }
  return "none";
}

describe("lines of incremental exports", () => {
  it("hold an item with the microseconds of its last write", () => {
    const change = { keys: KEYS, image: IMAGE, writeTimestampMicros: MICROS };
    expect(parseIncrementalLine(incrementalLine(KEYS, MICROS, IMAGE))).to.deep.equal(change);
    expect(parseIncrementalLine(incrementalLine(KEYS, MICROS, IMAGE, { ...KEYS, Old: { N: "1" } }))).to.deep.equal(
      change,
    );
  });

  it("are deletions without a new image, in both views", () => {
    const change = { keys: KEYS, image: null, writeTimestampMicros: MICROS };
    expect(parseIncrementalLine(incrementalLine(KEYS, MICROS))).to.deep.equal(change);
    expect(parseIncrementalLine(incrementalLine(KEYS, MICROS, undefined, IMAGE))).to.deep.equal(change);
  });

  for (const [title, line, code] of [
    ["no JSON", "{", "E_LINE_NOT_JSON"],
    ["a line of a full export", JSON.stringify({ Item: IMAGE }), "E_LINE_NO_CHANGE"],
    ["no object", "[]", "E_LINE_NO_CHANGE"],
    ["no keys", '{"Metadata":{"WriteTimestampMicros":{"N":"1"}}}', "E_LINE_NO_CHANGE"],
    [
      "a time as a JSON number",
      JSON.stringify({ Metadata: { WriteTimestampMicros: 1 }, Keys: KEYS }),
      "E_LINE_NO_CHANGE",
    ],
    ["a time that is no integer", incrementalLine(KEYS, "1.5", IMAGE), "E_LINE_NO_CHANGE"],
    ["a time of zero", incrementalLine(KEYS, "0", IMAGE), "E_LINE_NO_CHANGE"],
    ["a time beyond INT64", incrementalLine(KEYS, "9".repeat(19), IMAGE), "E_LINE_NO_CHANGE"],
    ["keys that are not the image's", incrementalLine({ PK: { S: "b" } }, MICROS, IMAGE), "E_CHANGE_KEYS"],
    ["three keys", incrementalLine({ ...KEYS, B: { S: "b" }, C: { S: "c" } }, MICROS), "E_CHANGE_KEYS"],
    ["an image that no item can be", incrementalLine(KEYS, MICROS, { ...KEYS, A: { N: "x" } }), "E_ITEM_NOT_A_NUMBER"],
  ] as const) {
    it(`are refused: ${title}`, () => expect(codeOf(line)).to.equal(code));
  }
});
