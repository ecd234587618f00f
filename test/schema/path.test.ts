import { assert } from "chai";
import fc from "fast-check";
import { formatPath } from "../../schema/attribute-path";
import { parsePath } from "../../schema/path";

describe("paths into an item", () => {
  it("reads names, dots and indexes", () => {
    assert.deepEqual(parsePath("City"), ["City"]);
    assert.deepEqual(parsePath("Address.Lines[0].Text"), ["Address", "Lines", 0, "Text"]);
    assert.deepEqual(parsePath("Matrix[1][20]"), ["Matrix", 1, 20]);
    assert.deepEqual(parsePath("__proto__.constructor"), ["__proto__", "constructor"]);
    assert.deepEqual(parsePath("🛒 cart.größe"), ["🛒 cart", "größe"]);
  });

  it("takes a list of segments as it stands", () => {
    assert.deepEqual(parsePath(["plan.tier", 0, "a[1]", ""]), ["plan.tier", 0, "a[1]", ""]);
  });

  it("reads back what a path of plain names is shown as", () => {
    const name = fc.stringMatching(/^[^.[\]"\\\s]+$/u);
    fc.assert(
      fc.property(name, fc.array(fc.oneof(name, fc.nat())), (first, rest) => {
        assert.deepEqual(parsePath(formatPath([first, ...rest])), [first, ...rest]);
      }),
    );
  });
});
