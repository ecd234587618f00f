import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readMappingFile } from "../../pipelines/mapping-file";
import type { Dialect } from "../../schema/column-type";
import { type ItemSetName, itemSets } from "../../scripts/fake-data/item-set";
import { randomAt } from "../../scripts/fake-data/random";
import { compilePathComparison } from "./compare-paths";
import { type TestTable, testTables } from "./every-type";
import { mutate, trickyLine } from "./tricky-lines";

/** Lines for each table and dialect. */
const LINES = process.env["LONG_TESTS"] === undefined ? 1500 : 60_000;
const MUTANTS_PER_LINE = process.env["LONG_TESTS"] === undefined ? 1 : 4;
const CASES = "test/cases/scanner";

describe("line scanner against the slow path", function () {
  // Long runs compare 300,000 lines in each test.
  this.timeout(process.env["LONG_TESTS"] === undefined ? 120_000 : 1_800_000);

  for (const table of testTables) {
    for (const dialect of ["googlesql", "postgresql"] as const) {
      it(`${table.title}, ${dialect}`, () => {
        const compare = compilePathComparison(table.plan, dialect);
        let taken = 0;
        for (let index = 0; index < LINES; index++) {
          const random = randomAt(20_240_101, index);
          const line = Buffer.from(trickyLine(random, table.attributes));
          for (let mutant = 0; mutant <= MUTANTS_PER_LINE; mutant++) {
            const tried = mutant === 0 ? line : mutate(random, line);
            const verdict = compare(tried);
            if (verdict === "wrong") throw keptCase(table, dialect, tried);
            if (verdict === "taken") taken++;
          }
        }
        // Or nothing would have been compared.
        expect(taken / LINES).to.be.greaterThan(0.02);
      });
    }
  }

  for (const [set, mapping, share] of [
    ["tutorial", "sample/migration.mapping.json", 1],
    ["wide", "bench/wide.mapping.json", 1],
  ] as const satisfies readonly (readonly [ItemSetName, string, number])[]) {
    it(`takes every line of ${set} items, and no wrong one of their mutants`, () => {
      const compare = compilePathComparison(readMappingFile(mapping), "googlesql");
      let taken = 0;
      for (let index = 0; index < LINES; index++) {
        const item = itemSets[set].itemAt({ index, total: LINES, seed: 1 });
        const line = Buffer.from(JSON.stringify({ Item: item }));
        if (compare(line) === "taken") taken++;
        const random = randomAt(7, index);
        for (let mutant = 0; mutant < 2 * MUTANTS_PER_LINE; mutant++) {
          const mutated = mutate(random, line);
          expect(compare(mutated), mutated.toString()).to.not.equal("wrong");
        }
      }
      expect(taken).to.equal(LINES * share);
    });
  }
});

/** Keeps a line that the scanner got wrong as a case of its own, for ever. */
function keptCase({ mapping, title }: TestTable, dialect: Dialect, line: Buffer): Error {
  const folder = join(CASES, `fuzz-${createHash("sha256").update(line).digest("hex").slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mapping.json"), `${JSON.stringify(mapping, undefined, 2)}\n`);
  writeFileSync(join(folder, "lines.jsonl"), Buffer.concat([line, Buffer.from("\n")]));
  writeFileSync(join(folder, "expected.json"), `${JSON.stringify({ dialect, verdicts: ["left"] })}\n`);
  return new Error(`${title}, ${dialect}: the scanner is wrong about ${line.toString()}; kept in ${folder}`);
}
