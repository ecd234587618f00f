import { assert, expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import { keyBytes, noRows, rowByteLength } from "../../spanner/encoded-rows";
import { decodeKey, decodeRow } from "../../spanner/row-decoder";
import { RowEncoder } from "../../spanner/row-encoder";
import { encodeRows } from "./encoded";
import { typedRows } from "./wire-values";

describe("RowEncoder", () => {
  it("keeps values, keys and lines of every row", () => {
    fc.assert(
      fc.property(typedRows, fc.nat(), ({ types, rows }, seed) => {
        const keyLength = 1 + (seed % types.length);
        const encoded = encodeRows(rows, keyLength);
        expect(encoded.count).to.equal(rows.length);
        rows.forEach((row, index) => {
          expect(decodeRow(encoded, index)).to.deep.equal(row);
          expect(decodeKey(encoded, index)).to.deep.equal(row.slice(0, keyLength));
          expect(encoded.lines[index]).to.equal(index + 1);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("grows over its first buffer and its first number of rows", () => {
    const encoder = new RowEncoder(1);
    const row = (index: number) => [`key-${index}`, "x".repeat(index % 300), "é".repeat(index % 50)];
    for (let index = 0; index < 5000; index++) encoder.appendRow(row(index), index);
    const rows = encoder.finish();
    expect(rows.count).to.equal(5000);
    for (let index = 0; index < 5000; index++) expect(decodeRow(rows, index)).to.deep.equal(row(index));
  });

  it("starts anew after finish, and leaves what it handed out alone", () => {
    const encoder = new RowEncoder(1);
    encoder.appendRow(["first"], 1);
    const first = encoder.finish();
    encoder.appendRow(["second"], 2);
    encoder.appendRow(["third"], 3);
    const second = encoder.finish();
    expect([decodeRow(first, 0), decodeRow(second, 0), decodeRow(second, 1)]).to.deep.equal([
      ["first"],
      ["second"],
      ["third"],
    ]);
    expect(encoder.finish()).to.deep.include({ count: 0 });
    expect(noRows.count).to.equal(0);
  });

  it("drops a row that is abandoned, or begun and not ended", () => {
    const encoder = new RowEncoder(1);
    encoder.appendRow(["kept"], 1);
    encoder.beginRow();
    encoder.text("lost".repeat(1000));
    encoder.abandonRow();
    encoder.beginRow();
    encoder.text("lost as well");
    encoder.appendRow(["kept too"], 2);
    const rows = encoder.finish();
    expect([rows.count, decodeRow(rows, 0), decodeRow(rows, 1)]).to.deep.equal([2, ["kept"], ["kept too"]]);
  });

  it("refuses lone surrogates, which UTF-8 would replace in silence", () => {
    for (const text of ["\ud800", `a\udfff`, `${"x".repeat(100)}\ud800`, "\udc00\ud800"]) {
      const encoder = new RowEncoder(1);
      assert.throws(() => encoder.appendRow([text], 1), MigrationError, /surrogate/);
      encoder.appendRow(["next"], 2);
      const rows = encoder.finish();
      expect([rows.count, decodeRow(rows, 0)]).to.deep.equal([1, ["next"]]);
    }
  });

  it("has equal key bytes for equal keys alone", () => {
    const rows = encodeRows(
      [
        ["a", "1", "x"],
        ["a", "1", "y".repeat(500)],
        ["a1", "", "x"],
      ],
      2,
    );
    expect(keyBytes(rows, 0).equals(keyBytes(rows, 1))).to.equal(true);
    expect(keyBytes(rows, 0).equals(keyBytes(rows, 2))).to.equal(false);
    expect(rowByteLength(rows, 1)).to.be.greaterThan(500);
  });
});
