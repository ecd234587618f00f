import { crc32 } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import type { Block } from "../../export/block";
import type { DataFile, FinishedLines } from "../../export/open-export";
import { unfinishedLines } from "../../export/unfinished-lines";

const text = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));

/** Lines as blocks of these sizes, over and over. */
function blocksOf(lines: readonly string[], sizes: readonly number[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < lines.length; ) {
    const part = lines.slice(start, start + (sizes[blocks.length % sizes.length] ?? 1));
    blocks.push({ file: "a", firstLine: start + 1, lineCount: part.length, bytes: text(part) });
    start += part.length;
  }
  return blocks;
}

function rangesOf(lines: readonly string[], isFinished: readonly boolean[]): readonly FinishedLines[] {
  const ranges: FinishedLines[] = [];
  for (let start = 0; start < lines.length; start++) {
    if (isFinished[start] !== true) continue;
    const firstLine = start + 1;
    while (isFinished[start + 1] === true && start + 1 < lines.length) start++;
    ranges.push({ firstLine, lastLine: start + 1, checksum: crc32(text(lines.slice(0, start + 1))) });
  }
  return ranges;
}

const file = (finished: readonly FinishedLines[]): DataFile => ({
  ...{ folder: "f", name: "data/a", url: "f/data/a", bytes: 1, finished },
});

describe("unfinished lines", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", "{", "é") });
  const cases = fc.array(fc.tuple(line, fc.boolean()), { maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  it("are all that is not finished, each once, in order and with the checksum up to there", () => {
    fc.assert(
      fc.property(cases, sizes, (pairs, blockSizes) => {
        const lines = pairs.map(([each]) => each);
        const isFinished = pairs.map(([, finished]) => finished);
        const unfinished = unfinishedLines(file(rangesOf(lines, isFinished)));
        const left = blocksOf(lines, blockSizes).flatMap((block) => unfinished(block));
        const numbered: [number, string][] = [];
        for (const { firstLine, lineCount, bytes, mark } of left) {
          const texts = bytes.toString().split("\n").slice(0, -1);
          expect(texts).to.have.length(lineCount).and.length.greaterThan(0);
          numbered.push(...texts.map((each, index): [number, string] => [firstLine + index, each]));
          const end = firstLine + lineCount - 1;
          expect(mark).to.deep.equal({ name: "data/a", checksum: crc32(text(lines.slice(0, end))) });
        }
        const expected = lines.flatMap((each, index) => (isFinished[index] === true ? [] : [[index + 1, each]]));
        expect(numbered).to.deep.equal(expected);
      }),
    );
  });

  it("are refused behind lines that were others", () => {
    fc.assert(
      fc.property(cases, sizes, fc.nat(), (pairs, blockSizes, at) => {
        const lines = pairs.map(([each]) => each);
        const ranges = rangesOf(
          lines,
          pairs.map(([, finished]) => finished),
        );
        const last = ranges.at(-1);
        fc.pre(last !== undefined);
        const changed = lines.with(at % (last?.lastLine ?? 1), "other");
        const unfinished = unfinishedLines(file(ranges));
        const read = () => blocksOf(changed, blockSizes).flatMap((block) => unfinished(block));
        expect(read)
          .to.throw(MigrationError, /are not those/)
          .with.property("code", "E_LOAD_FILE_CHANGED");
      }),
    );
  });
});
