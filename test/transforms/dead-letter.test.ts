import { expect } from "chai";
import fc from "fast-check";
import { ConversionError } from "../../schema/conversion-error";
import { deadLetter, formatDeadLetter, originalBytes, parseDeadLetter } from "../../transforms/dead-letter";
import { expectFailure } from "../export/failure";

const SOURCE = { file: "gs://bucket/data/a.json.gz", line: 7 };
const REASON = new ConversionError("E_CONVERSION_OUT_OF_RANGE", "over 64 bits", {
  table: "T",
  column: "C",
  attribute: "A",
});

describe("A dead letter", () => {
  it("is one JSON line with the fields of the design", () => {
    const at = new Date("2024-02-29T12:00:00Z");
    const line = formatDeadLetter(deadLetter(REASON, SOURCE, Buffer.from('{"Item":{}}'), { at }));
    expect(JSON.parse(line)).to.deep.equal({
      code: "E_CONVERSION_OUT_OF_RANGE",
      message: REASON.message,
      source: SOURCE,
      table: "T",
      attribute: "A",
      column: "C",
      payload: '{"Item":{}}',
      at: "2024-02-29T12:00:00.000Z",
    });
  });

  it("leaves out places that are not known", () => {
    const { code, message } = REASON;
    const letter = deadLetter({ code, message }, SOURCE, Buffer.from("x"));
    expect(Object.keys(letter)).to.deep.equal(["code", "message", "source", "payload", "at"]);
  });

  it("keeps the original byte for byte: valid text as text", async () => {
    for (const text of ["", "\ufeff{}", "a\u2028b", "\0\u0001\u001f", "🌊", "\r", '"\\', "\u{10ffff}\uffff"]) {
      const letter = deadLetter(REASON, SOURCE, Buffer.from(text));
      expect(letter).to.have.property("payload", text);
      expectSame(letter, Buffer.from(text));
    }
  });

  it("keeps the original byte for byte: what is no UTF-8 in base64", () => {
    for (const hex of ["ff", "c3", "eda080", "f8888080", "c080", "7b22c3287d"]) {
      const letter = deadLetter(REASON, SOURCE, Buffer.from(hex, "hex"));
      expect(letter).not.to.have.property("payload");
      expectSame(letter, Buffer.from(hex, "hex"));
    }
  });

  it("keeps any bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expectSame(deadLetter(REASON, SOURCE, Buffer.from(bytes)), Buffer.from(bytes));
        },
      ),
    );
  });

  it("may come from a message, or hold the beginning of a huge line", () => {
    const source = { messageId: "1", publishTime: "2024-01-01T00:00:00Z", sequenceNumber: "100000000000000000001" };
    const { sequenceNumber: _, ...unnumbered } = source;
    for (const each of [source, unnumbered]) {
      expectSame(deadLetter(REASON, each, Buffer.from("x")), Buffer.from("x"));
    }
    const cut = deadLetter(REASON, SOURCE, Buffer.from("x"), { wholePayloadBytes: 99 });
    expect(parseDeadLetter(formatDeadLetter(cut), "here").wholePayloadBytes).to.equal(99);
  });

  it("is refused where it is none, with the place", async () => {
    const good = deadLetter(REASON, SOURCE, Buffer.from("x"));
    for (const [line, message] of [
      ["{", /here is not JSON/],
      ["[]", /here is not a dead letter/],
      [JSON.stringify({ ...good, code: "constructor" }), /here is not a dead letter/],
      [JSON.stringify({ ...good, payload: undefined }), /here is not a dead letter/],
      [JSON.stringify({ ...good, source: {} }), /here is not a dead letter/],
    ] as const) {
      await expectFailure(async () => parseDeadLetter(line, "here"), "E_DEAD_LETTER_INVALID", message);
    }
  });
});

function expectSame(letter: ReturnType<typeof deadLetter>, original: Buffer): void {
  const line = formatDeadLetter(letter);
  expect(line).not.to.contain("\n");
  // As it is stored: through a file's bytes.
  const read = parseDeadLetter(Buffer.from(line).toString("utf8"), "here");
  expect(read).to.deep.equal(letter);
  expect(originalBytes(read).equals(original)).to.equal(true);
}
