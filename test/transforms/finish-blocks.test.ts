import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { FinishedPart } from "../../schema/load-progress";
import { deadLetter } from "../../transforms/dead-letter";
import { type BlockOutcome, FinishBlocks } from "../../transforms/finish-blocks";
import { finishedParts } from "../../transforms/finished-parts";
import { openLedger } from "../../transforms/ledger";

const block = (firstLine: number, lineCount: number, more: Partial<BlockOutcome> = {}): BlockOutcome => ({
  ...{ file: "a", firstLine, lineCount, written: lineCount, stale: 0, filtered: 0, letters: [] },
  mark: { name: "data/a", checksum: firstLine + lineCount - 1 },
  ...more,
});
const letter = (line: number) =>
  deadLetter({ code: "E_LINE_NOT_JSON", message: "x" }, { file: "a", line }, Buffer.from("{"));
const refused = (firstLine: number, lineCount: number) =>
  block(firstLine, lineCount, { written: lineCount - 1, letters: [letter(firstLine)] });

describe("finished parts", () => {
  const lines = (parts: readonly FinishedPart[]) => parts.map((part) => [part.file, part.firstLine, part.lines]);

  it("bring together what follows one another, whatever order it was done in", () => {
    const other = block(1, 5, { file: "b", mark: { name: "data/b", checksum: 5 } });
    const parts = finishedParts(1, [block(21, 10), other, refused(6, 5), block(1, 5)]);
    expect(lines(parts)).to.deep.equal([
      ["data/a", 1, 10],
      ["data/a", 21, 10],
      ["data/b", 1, 5],
    ]);
    expect(parts[0]).to.include({ level: 1, written: 9, deadLettered: 1, checksum: 10, md5: null });
  });

  it("tell the end of a file", () => {
    const endOfFile = { lines: 20, packedBytes: 1, md5: "m" };
    expect(finishedParts(0, [block(11, 10, { endOfFile }), block(1, 10)])).to.have.nested.property("[0].md5", "m");
    // The lines behind were finished by an earlier run.
    expect(finishedParts(0, [block(1, 10, { endOfFile })])).to.have.nested.property("[0].md5", null);
    const empty = block(1, 0, { endOfFile: { lines: 0, packedBytes: 20, md5: "e" } });
    expect(finishedParts(0, [empty])[0]).to.include({ firstLine: 1, lines: 0, checksum: null, md5: "e" });
  });

  it("leave out what no record is kept of", () => {
    const { mark, ...unmarked } = block(1, 5);
    expect(finishedParts(0, [unmarked])).to.deep.equal([]);
  });
});

describe("FinishBlocks", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "finish-blocks-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A step whose recording is told what lay in the folder when it was called. */
  const step = (runId: string, interval: number) => {
    const recorded: { readonly parts: readonly FinishedPart[]; readonly stored: number }[] = [];
    class Watched extends FinishBlocks {
      protected override async recordParts(_target: unknown, _loadId: string, parts: readonly FinishedPart[]) {
        recorded.push({ parts, stored: (await readdir(folder)).length });
      }
    }
    const finish = new Watched({
      ...{ runId, deadLetters: folder, level: 0, record: { loadId: "load", interval } },
      target: { project: "p", instance: "i", database: "d" },
    });
    finish.startBundle();
    return { finish, recorded };
  };
  const emit = () => null;

  it("stores dead letters before it records the lines that they are of", async () => {
    const { finish, recorded } = step("finish-order", 0);
    await finish.process(refused(1, 5), undefined, emit);
    expect(recorded).to.have.length(1);
    expect(recorded[0]?.stored).to.equal(1);
    expect(openLedger("finish-order").total.deadLettered).to.equal(1);
  });

  it("records at the bundle's end what was not due before, as one part", async () => {
    const { finish, recorded } = step("finish-end", 3600);
    for (const each of [block(6, 5), block(1, 5), refused(11, 5)]) await finish.process(each, undefined, emit);
    expect(recorded).to.deep.equal([]);
    await finish.finishBundle(undefined, emit);
    expect(recorded.map(({ parts, stored }) => [parts.length, parts[0]?.lines, stored])).to.deep.equal([[1, 15, 1]]);
  });

  it("records nothing when the dead letters can't be stored", async () => {
    const { finish, recorded } = step("finish-unwritable", 3600);
    await finish.process(refused(1, 5), undefined, emit);
    await rm(folder, { recursive: true });
    await writeFile(folder, "");
    let failure: unknown;
    await finish.finishBundle(undefined, emit).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.have.property("code", "E_DEAD_LETTERS_UNWRITABLE");
    await finish.abandonBundle();
    expect(recorded).to.deep.equal([]);
  });

  it("records of a bundle that is given up only blocks without dead letters, for it is repeated", async () => {
    const { finish, recorded } = step("finish-abandoned", 3600);
    for (const each of [block(1, 5), refused(6, 5)]) await finish.process(each, undefined, emit);
    await finish.abandonBundle();
    expect(recorded.map(({ parts }) => parts.map(({ firstLine, lines }) => [firstLine, lines]))).to.deep.equal([
      [[1, 5]],
    ]);
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
