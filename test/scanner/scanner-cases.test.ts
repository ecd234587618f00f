import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readMappingFile } from "../../pipelines/mapping-file";
import type { Dialect } from "../../schema/column-type";
import { compilePathComparison, type Verdict } from "./compare-paths";

const CASES = "test/cases/scanner";

interface Expected {
  readonly dialect: Dialect;
  readonly verdicts: readonly Verdict[];
}

describe("line scanner, kept cases", () => {
  for (const { name } of readdirSync(CASES, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    it(name.replaceAll("-", " "), () => {
      const { dialect, verdicts } = JSON.parse(readFileSync(join(CASES, name, "expected.json"), "utf8")) as Expected;
      const compare = compilePathComparison(readMappingFile(join(CASES, name, "mapping.json")), dialect);
      const lines = readFileSync(join(CASES, name, "lines.jsonl"), "utf8")
        .split("\n")
        .slice(0, -1);
      expect(lines.map((line) => compare(Buffer.from(line)))).to.deep.equal(verdicts);
    });
  }
});
