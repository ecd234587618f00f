import { assert } from "chai";
import fc from "fast-check";
import {
  captureGroupCount,
  compileMatchPattern,
  matchesOneText,
  patternsTellWholeText,
} from "../../schema/match-pattern";

describe("patterns that tell the whole text", () => {
  const proven: readonly (readonly string[])[] = [
    ["^(.+)$"],
    ["^CUSTOMER#(.+)$"],
    ["^CUSTOMER\\.(?<id>.+)\\|x$"],
    ["^(?:ORDER)#(\\d{4}-\\d{2})$"],
    ["^A(?:(B+))C$"],
    ["^A(?=[^#])(B|C)$"],
    ["^(a(b|c)*)$"],
    ["^\\u{1F600}(.+)$"],
    ["^ORDER#([^#]+)#LINE#.+$", "^ORDER#[^#]+#LINE#(.+)$"],
    ["^(\\d{4})-\\d{2}#.*$", "^\\d{4}-(\\d{2})#.*$", "^\\d{4}-\\d{2}#(.*)$"],
    ["^(\\d{4}-\\d{2})#.*$", "^\\d{4}-\\d{2}#(.*)$"],
    ["^FIXED$"],
  ];
  for (const patterns of proven) {
    it(`proven: ${patterns.join(" and ")}`, () => assert.isTrue(patternsTellWholeText(patterns)));
  }

  const notProven: readonly (readonly string[])[] = [
    [],
    ["CUSTOMER#(.+)$"],
    ["^CUSTOMER#(.+)"],
    ["^[A-Z]+#(.+)$"],
    ["^.(.+)$"],
    ["^x?(.+)$"],
    ["^(.+)\\d$"],
    ["^(.+)#(.+)$"],
    ["^A(.)+$"],
    ["^A(.){2}$"],
    ["^(.)+(.+)$"],
    ["^(?:(A)|B)$"],
    ["^(A)|(B)$"],
    ["^A(.+)$|^B(.+)$"],
    ["^(.)\\1$"],
    ["^(?<c>.)\\k<c>$"],
    ["^(?=(.+))..$"],
    ["^(?:a|b)(.+)$"],
    ["^\\p{L}(.+)$"],
    ["^([^#]+)#.+$", "^.+#(.+)$"],
    ["^([^#]+)#.+$", "^([^#]+)#.+$"],
    ["^(.+)\\$"],
  ];
  for (const patterns of notProven) {
    it(`not proven: ${patterns.join(" and ") || "no pattern"}`, () => assert.isFalse(patternsTellWholeText(patterns)));
  }

  it("whatever is proven holds: two texts with the same groups are the same text", () => {
    const piece = fc.constantFrom(
      "A",
      "#",
      "\\.",
      ".",
      ".+",
      ".*",
      "[^#]+",
      "[A#]",
      "\\d*",
      "A?",
      "(?:A|#)",
      "(?=A)",
      "A{1,2}",
    );
    const grouped = fc.tuple(
      fc.array(piece, { maxLength: 3 }),
      fc.constantFrom("(", "(?:", ""),
      fc.constantFrom(")", ")", ")+"),
    );
    const pattern = fc
      .array(grouped, { minLength: 1, maxLength: 4 })
      .map(
        (groups) =>
          `^${groups.map(([pieces, open, close]) => (open === "" ? pieces.join("") : `${open}${pieces.join("")}${close}`)).join("")}$`,
      );
    const text = fc.array(fc.constantFrom("A", "#", ".", "7"), { maxLength: 5 }).map((letters) => letters.join(""));
    let provenCount = 0;
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        fc.array(text, { maxLength: 30 }),
        (patterns, texts) => {
          if (!patternsTellWholeText(patterns)) return;
          provenCount += 1;
          const seen = new Map<string, string>();
          for (const each of texts) {
            const groups = patterns.map((source) => compileMatchPattern(source).exec(each)?.[1]);
            // The converter refuses a text that does not match, and one whose group took no part.
            if (
              patterns.some(
                (source) => captureGroupCount(source) > 0 && compileMatchPattern(source).exec(each)?.[1] === undefined,
              )
            )
              continue;
            if (patterns.some((source) => !compileMatchPattern(source).test(each))) continue;
            const key = JSON.stringify(groups);
            assert.equal(seen.get(key) ?? each, each, `${patterns.join(" and ")} on ${key}`);
            seen.set(key, each);
          }
        },
      ),
      { numRuns: 5_000 },
    );
    assert.isAbove(provenCount, 100);
  });

  it("knows patterns that only one text matches", () => {
    assert.isTrue(matchesOneText("^PROFILE#V\\.0$"));
    assert.isFalse(matchesOneText("^PROFILE#"));
    assert.isFalse(matchesOneText("^PROFILE#(.+)$"));
    assert.isFalse(matchesOneText("^A|B$"));
  });

  it("counts capture groups, named ones too, in every alternative", () => {
    assert.equal(captureGroupCount("^A(?:b)[(]\\($"), 0);
    assert.equal(captureGroupCount("(a)|(?<n>b)"), 2);
  });
});
