import { expect } from "chai";
import fc from "fast-check";
import { patternsTellWholeText } from "../../../schema/match-pattern";
import { isConstantShape, shapePattern, textShape, variableCount } from "../../../schema/profile/key-shape";

describe("Shapes of keys", () => {
  const cases: readonly (readonly [text: string, shape: string])[] = [
    ["CUSTOMER#17", "CUSTOMER#*"],
    ["ORDER#17#LINE#3", "ORDER#*#LINE#*"],
    ["ORDER#2024-01-02#17", "ORDER#*"],
    ["USER#alice#PROFILE", "USER#*#PROFILE"],
    ["STATUS#ACTIVE#DATE#2024", "STATUS#*#DATE#*"],
    ["#METADATA#alice", "#METADATA#*"],
    ["PROFILE", "PROFILE"],
    ["order|17", "order|*"],
    ["user:17", "user:*"],
    ["2024-01-02T03:04:05Z", "*"],
    ["alice", "*"],
    ["smithjonesab12", "*"],
    ["", "*"],
    ["#", "*"],
    ["order#", "*"],
    ["ORDER#", "ORDER#"],
    ["ORDER#a\nb", "*"],
    ["17#ORDER#3", "*"],
    ["ORDER#a*b", "ORDER#*"],
  ];
  for (const [text, shape] of cases) {
    it(`${JSON.stringify(text)} has the shape ${shape}`, () => expect(textShape(text)).to.equal(shape));
  }

  const part = fc.oneof(
    fc.constantFrom("ORDER", "LINE", "x", "", "17", "a.b", "(", "*", "PROFILE", "😀"),
    fc.string({ maxLength: 4 }),
  );
  const anyKey = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 6 }), fc.constantFrom("#", "|", ":"))
    .map(([parts, by]) => parts.join(by));

  it("have patterns that match their texts, and whose groups tell the whole text", () => {
    fc.assert(
      fc.property(anyKey, (text) => {
        const shape = textShape(text);
        if (shape === "*") return;
        expect(new RegExp(shapePattern(shape), "u").test(text), shape).to.equal(true);
        if (isConstantShape(shape)) expect(shape).to.equal(text);
        else {
          const patterns = Array.from({ length: variableCount(shape) }, (_, at) => shapePattern(shape, at));
          expect(patternsTellWholeText(patterns), shape).to.equal(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
