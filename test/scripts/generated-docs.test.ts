import { readFileSync } from "node:fs";
import { assert } from "chai";
import { generatedDocs } from "../../scripts/generated-docs";

describe("generated documents", () => {
  for (const { path, text } of generatedDocs()) {
    it(`${path} is current (\`make docs\` renews it)`, () => {
      assert.equal(readFileSync(path, "utf8"), text);
    });
  }
});
