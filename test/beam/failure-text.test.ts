import { expect } from "chai";
import * as fc from "fast-check";
import { decodeFailure, encodeFailure } from "../../beam/failure-text";
import { MigrationError } from "../../errors/migration-error";

/** As a runner on the JVM shows it. */
function wrapped(text: string): string {
  return `java.lang.RuntimeException: Error received from SDK harness for instruction 3: ${text}\n\tat org.apache.beam.X(X.java:1)\n`;
}

describe("failure text", () => {
  it("brings an error of ours through another program's stack trace, whatever its words", () => {
    const words = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(words, fc.array(words), (message, details) => {
        const found = decodeFailure(
          wrapped(encodeFailure(new MigrationError("E_EXPORT_FILE_ALTERED", message, { details }))),
        );
        expect(found)
          .to.be.instanceOf(MigrationError)
          .and.deep.include({ code: "E_EXPORT_FILE_ALTERED", message, details });
      }),
    );
  });

  it("is readable as it stands", () => {
    expect(encodeFailure(new MigrationError("E_ACCOUNTING", "two are short"))).to.match(
      /^E_ACCOUNTING: two are short \[/,
    );
  });

  it("brings other errors as their message, and what is no error as its text", () => {
    expect(decodeFailure(encodeFailure(new RangeError("too\nlong")))).to.include({ message: "RangeError: too\nlong" });
    expect(decodeFailure(encodeFailure("thrown text"))).to.include({ message: "thrown text" });
  });

  it("finds nothing in texts without one, or with one that was cut off", () => {
    expect(decodeFailure("java.io.IOException: broken pipe")).to.equal(undefined);
    const text = encodeFailure(new MigrationError("E_ACCOUNTING", "two are short"));
    expect(decodeFailure(text.slice(0, -20))).to.equal(undefined);
  });

  it("takes a code that this version does not know, or one of Object.prototype, as a mere message", () => {
    for (const code of ["E_OF_TOMORROW", "constructor"]) {
      const failure = Buffer.from(JSON.stringify({ code, message: "m", details: [] })).toString("base64");
      const [mark] = encodeFailure("x").match(/dynamodb-[a-z-]+:/) ?? [];
      expect(decodeFailure(`${mark}${failure}`))
        .to.be.instanceOf(Error)
        .and.not.instanceOf(MigrationError);
    }
  });
});
