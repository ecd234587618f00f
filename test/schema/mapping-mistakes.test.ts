import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { parseMapping } from "../../schema/mapping";

/** A folder a case: mapping.jsonc, and expected.txt with every mistake of it as the command line shows it. */
const CASES = join("test", "cases", "mapping");

describe("mistakes in a mapping file", () => {
  for (const name of readdirSync(CASES)) {
    it(name, () => {
      const text = readFileSync(join(CASES, name, "mapping.jsonc"), "utf8");
      const expected = readFileSync(join(CASES, name, "expected.txt"), "utf8")
        .trimEnd()
        .split("\n");
      assert.deepEqual(mistakesOf(text), expected);
    });
  }
});

function mistakesOf(text: string): readonly string[] {
  try {
    parseMapping(text, "mapping.jsonc");
    return [];
  } catch (error) {
    assert.instanceOf(error, MigrationError);
    assert.equal(error.code, "E_MAPPING_INVALID");
    return error.details;
  }
}
