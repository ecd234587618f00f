import { expect } from "chai";
import fc from "fast-check";
import { BLOCK_BYTES, type Block, MAX_LINE_BYTES, OVERSIZED_LINE_HEAD_BYTES } from "../../export/block";
import { lineBlocks } from "../../export/line-blocks";

describe("lineBlocks", () => {
  it("gives whole lines with the number of the first", async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `{"Item":{"Id":{"N":"${index}"},"Text":{"S":"…🌊"}}}`);
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    const blocks = await blocksOf(text, 1000);
    expect(blocks.length).to.be.greaterThan(1);
    expect(linesOf(blocks).join("\n") === lines.join("\n")).to.equal(true);
    for (const { bytes } of blocks.slice(0, -1)) {
      expect(bytes.length).to.be.within(BLOCK_BYTES - 100, BLOCK_BYTES);
    }
  });

  it("cuts one huge chunk into blocks too", async () => {
    const text = Buffer.from("x\n".repeat(BLOCK_BYTES * 4));
    const blocks = await blocksOf(text, text.length);
    expect(blocks.length).to.be.at.least(4);
    expect(Math.max(...blocks.map(({ bytes }) => bytes.length))).to.equal(BLOCK_BYTES);
    expect(lineSum(blocks)).to.equal(BLOCK_BYTES * 4);
  });

  it("ends lines at 0x0A only", async () => {
    const line = '{"Item":{"T":{"S":"a\u2028b\u2029c\u0085d\re\vf\fg"}}}';
    expect(linesOf(await blocksOf(Buffer.from(`${line}\n${line}\r\n`)))).to.deep.equal([line, `${line}\r`]);
  });

  it("takes a last line without newline for an item", async () => {
    expect(linesOf(await blocksOf(Buffer.from("a\nb")))).to.deep.equal(["a", "b"]);
    expect(linesOf(await blocksOf(Buffer.from("a")))).to.deep.equal(["a"]);
  });

  it("finds no item in an empty file, nor in one of blank lines", async () => {
    expect(await blocksOf(Buffer.alloc(0))).to.deep.equal([]);
    expect(await blocksOf(Buffer.from("\n"))).to.deep.equal([]);
    expect(await blocksOf(Buffer.alloc(3 * BLOCK_BYTES, "\n"))).to.deep.equal([]);
  });

  it("leaves out blank lines at the end, and counts those before another line", async () => {
    expect(linesOf(await blocksOf(Buffer.from("a\n\n\n")))).to.deep.equal(["a"]);
    expect(linesOf(await blocksOf(Buffer.from("\n\na\n\nb\n\n")))).to.deep.equal(["", "", "a", "", "b"]);
  });

  it("counts blank lines between blocks, however many", async () => {
    const blank = 2 * BLOCK_BYTES + 3;
    const text = Buffer.from(`a\n${"\n".repeat(blank)}b`);
    const blocks = await blocksOf(text, 5000);
    // Joined: chai takes minutes to compare arrays of that length.
    expect(linesOf(blocks).join("\n") === `a\n${"\n".repeat(blank)}b`).to.equal(true);
    expect(linesOf(await blocksOf(text.subarray(0, -1), 5000))).to.deep.equal(["a"]);
  });

  it("keeps a line of the greatest length whole", async () => {
    const long = Buffer.alloc(MAX_LINE_BYTES, "x");
    const blocks = await blocksOf(Buffer.concat([Buffer.from("a\n"), long, Buffer.from("\nb\n")]), 1 << 18);
    expect(lineSum(blocks)).to.equal(3);
    expect(blocks.every(({ oversizedLineBytes }) => oversizedLineBytes === undefined)).to.equal(true);
    expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).length).to.equal(MAX_LINE_BYTES + 5);
  });

  for (const [name, tail] of [
    ["between others", "\nb\nc\n"],
    ["at the end", ""],
    ["at the end, with a newline", "\n\n"],
  ] as const) {
    it(`passes over a longer line ${name}, without keeping it in memory`, async () => {
      const parts = Math.ceil((10 * MAX_LINE_BYTES) / BLOCK_BYTES);
      const lineBytes = parts * BLOCK_BYTES;
      async function* chunks(): AsyncGenerator<Buffer> {
        yield Buffer.from("a\n\n");
        for (let part = 0; part < parts; part++) yield Buffer.alloc(BLOCK_BYTES, "x");
        yield Buffer.from(tail);
      }
      const before = process.memoryUsage().rss;
      const blocks: Block[] = [];
      let largest = before;
      for await (const block of lineBlocks(chunks(), "file")) {
        blocks.push(block);
        largest = Math.max(largest, process.memoryUsage().rss);
      }
      expect(largest - before).to.be.lessThan(120_000_000);
      const rest = tail.trim() === "" ? [] : ["b", "c"];
      expect(linesOf(blocks)).to.deep.equal(["a", "", "x".repeat(OVERSIZED_LINE_HEAD_BYTES), ...rest]);
      expect(
        blocks.map(({ oversizedLineBytes }) => oversizedLineBytes).filter((each) => each !== undefined),
      ).to.deep.equal([lineBytes]);
    });
  }

  it("gives back any text, in any chunks, with true line numbers", async () => {
    const piece = fc.oneof(
      fc.constant("\n"),
      fc.constantFrom(
        "\u2028",
        "\r",
        "é",
        "🌊",
        "{}",
        "x".repeat(BLOCK_BYTES - 1),
        "y".repeat(BLOCK_BYTES),
        "z".repeat(5000),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 2 * BLOCK_BYTES }), { minLength: 1, maxLength: 5 }),
        async (pieces, sizes) => {
          const text = pieces.join("");
          const blocks = await blocksOf(Buffer.from(text), ...sizes);
          expect(linesOf(blocks).join("\n") === expectedLines(text).join("\n")).to.equal(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The rule in other words: split at newlines, drop empty lines at the end. */
function expectedLines(text: string): string[] {
  const lines = text.split("\n");
  while (lines.at(-1) === "") {
    lines.pop();
  }
  return lines;
}

/** The lines of blocks, after a check of each block's own promises. */
function linesOf(blocks: readonly Block[]): string[] {
  const all: string[] = [];
  for (const { file, firstLine, lineCount, bytes } of blocks) {
    expect(file).to.equal("file");
    expect(firstLine).to.equal(all.length + 1);
    const lines = bytes.toString("utf8").split("\n");
    expect(lines.pop(), "what follows the last newline").to.equal("");
    expect(lineCount).to.equal(lines.length);
    expect(lineCount).to.be.greaterThan(0);
    for (const line of lines) {
      all.push(line);
    }
  }
  return all;
}

function lineSum(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { lineCount }) => sum + lineCount, 0);
}

/** @param sizes of the chunks, in turn */
async function blocksOf(text: Buffer, ...sizes: readonly number[]): Promise<Block[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    let start = 0;
    for (let turn = 0; start < text.length; turn++) {
      const end = start + (sizes[turn % sizes.length] ?? text.length);
      yield text.subarray(start, end);
      start = end;
    }
  }
  const blocks: Block[] = [];
  for await (const block of lineBlocks(chunks(), "file")) {
    blocks.push(block);
  }
  return blocks;
}
