import "apache-beam";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import type { AsyncDoFn } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { registerForWorkers } from "../../beam/worker-module";
import { BLOCK_BYTES, type Block } from "../../export/block";
import { type DataFile, openExport, openWithoutManifest } from "../../export/open-export";
import { closeLedger, openLedger } from "../../transforms/ledger";
import { ReadExport } from "../../transforms/read-export";
import { EXPORT_PATH, exportFiles, type Files, md5, setManifest, useFolder, writeFiles } from "../export/export-folder";
import { expectFailure } from "../export/failure";

const LINE = `{"Item":{"Text":{"S":"${"x".repeat(2000)}"}}}`;
/** Enough lines for several blocks. */
const LINES = Array.from({ length: 1000 }, () => LINE);
const BIG = `${EXPORT_PATH}/data/big.json.gz`;

describe("ReadExport", () => {
  const folder = useFolder();
  let runId = "";
  beforeEach(() => {
    runId = randomUUID();
  });
  afterEach(() => closeLedger(runId));

  async function dataFiles(files: Files): Promise<readonly DataFile[]> {
    await writeFiles(folder(), files);
    return (await openExport(folder())).dataFiles;
  }

  /** Reads files as the step does; `blocks` gets what it hands on until it ends or fails. */
  async function read(files: readonly DataFile[], blocks: Block[] = []): Promise<Block[]> {
    const step = new ReadExport(runId);
    for (const file of files) {
      await step.process(file, undefined, (block) => {
        blocks.push(block);
        return null;
      });
    }
    return blocks;
  }

  for (const engine of ["zlib-sync", "node:zlib"] as const) {
    it(`hands on every line of every file, in order, and counts them (${engine})`, async () => {
      const files = await dataFiles(exportFiles({ "big.json.gz": LINES, "empty.json.gz": [], "one.json.gz": [LINE] }));
      const blocks: Block[] = [];
      for (const file of files) {
        await new ReadExport(runId, engine).process(file, undefined, (block) => {
          blocks.push(block);
          return null;
        });
      }
      expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).toString()).to.equal(`${LINE}\n`.repeat(1001));
      const [big, empty, one] = files;
      expect(blocks.length).to.be.greaterThan(4);
      expect(
        blocks
          .filter(({ endOfFile }) => endOfFile !== undefined)
          .map(({ file, endOfFile }) => [file, endOfFile?.lines]),
      ).to.deep.equal([
        [big?.url, 1000],
        [empty?.url, 0],
        [one?.url, 1],
      ]);
      const { files: counts, total } = openLedger(runId);
      expect(total.read).to.equal(1001);
      for (const [index, lines] of [1000, 0, 1].entries()) {
        const file = files[index];
        expect(counts.get(file?.url ?? "")).to.include({ read: lines, bytesRead: file?.bytes });
      }
    });
  }

  it("tells the packed size and line numbers in the last block", async () => {
    const [file] = await dataFiles(exportFiles({ "big.json.gz": LINES }));
    const blocks = await read(file === undefined ? [] : [file]);
    expect(blocks.at(-1)?.endOfFile).to.deep.equal({ lines: 1000, packedBytes: file?.bytes, md5: file?.proof?.md5 });
    expect(blocks.slice(0, -1).every(({ endOfFile }) => endOfFile === undefined)).to.equal(true);
    let next = 1;
    for (const { firstLine, lineCount } of blocks) {
      expect(firstLine).to.equal(next);
      next += lineCount;
    }
  });

  it("waits for its reader before it goes on", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": LINES }));
    let inHand = 0;
    let most = 0;
    for (const file of files) {
      await new ReadExport(runId).process(file, undefined, async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inHand--;
      });
    }
    expect(most).to.equal(1);
  });

  it("refuses an altered file by its MD5, even if its lines are all there", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": LINES }));
    const text = LINES.map((line) => `${line}\n`)
      .join("")
      .replace("xxx", "yyy");
    await writeFile(join(folder(), BIG), gzipSync(text));
    const { message, details } = await expectFailure(
      read(files),
      "E_EXPORT_FILE_ALTERED",
      /big\.json\.gz was altered: its MD5/,
    );
    expect(message).to.contain(files[0]?.proof?.md5);
    expect(details.join()).to.match(/Rows of the first \d+ items of .*big\.json\.gz may already be written/);
  });

  it("hands on nothing of an altered file of one block", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": [LINE, LINE] }));
    await writeFile(join(folder(), BIG), gzipSync(`${LINE}\n${LINE.replace("x", "y")}\n`));
    const blocks: Block[] = [];
    const { details } = await expectFailure(read(files, blocks), "E_EXPORT_FILE_ALTERED", /big\.json\.gz/);
    expect(blocks).to.deep.equal([]);
    expect(details).to.deep.equal([]);
    expect(openLedger(runId).total.read).to.equal(0);
  });

  it("refuses a truncated file", async () => {
    const files = exportFiles({ "big.json.gz": LINES });
    const packed = files.get(BIG) ?? Buffer.alloc(0);
    const found = await dataFiles(files);
    for (const bytes of [packed.length - 1, packed.length >> 1, 10, 0]) {
      await writeFile(join(folder(), BIG), packed.subarray(0, bytes));
      await expectFailure(read(found), "E_EXPORT_FILE_TRUNCATED", /big\.json\.gz ends before/);
    }
  });

  it("refuses a file that was cut between two gzip members: each member is whole", async () => {
    const members = [gzipSync(`${LINE}\n`), gzipSync(`${LINE}\n`)];
    const files = exportFiles({ "big.json.gz": [LINE, LINE] });
    replaceDataFile(files, Buffer.concat(members));
    const found = await dataFiles(files);
    expect((await read(found)).at(-1)?.endOfFile?.lines).to.equal(2);
    await writeFile(join(folder(), BIG), members[0] ?? "");
    await expectFailure(read(found), "E_EXPORT_FILE_ALTERED", /MD5/);
  });

  it("refuses bytes after the end of the gzip data, whatever the manifest's MD5", async () => {
    const files = exportFiles({ "big.json.gz": [LINE] });
    replaceDataFile(files, Buffer.concat([gzipSync(`${LINE}\n`), Buffer.from("\0\0\0")]));
    await expectFailure(read(await dataFiles(files)), "E_EXPORT_FILE_ALTERED", /after the end/);
  });

  it("refuses a file with one item fewer, or more, than the manifest says", async () => {
    for (const change of [-1, 1]) {
      const files = exportFiles({ "big.json.gz": LINES });
      replaceDataFile(files, gzipSync(LINES.map((line) => `${line}\n`).join("")), 1000 + change);
      const summary = `${EXPORT_PATH}/manifest-summary`;
      setManifest(
        files,
        summary,
        String(files.get(`${summary}.json`)).replace('"itemCount":1000', `"itemCount":${1000 + change}`),
      );
      const message = new RegExp(`big\\.json\\.gz holds 1000 items, the manifest says ${1000 + change}`);
      await expectFailure(read(await dataFiles(files)), "E_EXPORT_ITEM_COUNT", message);
    }
  });

  it("refuses a file that has gone", async () => {
    const file: DataFile = { folder: folder(), name: "gone.json.gz", url: "gone.json.gz", bytes: 1 };
    await expectFailure(read([file]), "E_STORAGE_NOT_FOUND", /gone\.json\.gz/);
  });

  it("reads files without proof, but damaged ones are refused all the same", async () => {
    const packed = gzipSync(`${LINE}\n${LINE}`);
    await writeFile(join(folder(), "a.json.gz"), packed);
    const { dataFiles: found } = await openWithoutManifest(folder());
    expect((await read(found))[0]).to.deep.include({
      lineCount: 2,
      endOfFile: { lines: 2, packedBytes: packed.length, md5: md5(packed) },
    });
    await writeFile(join(folder(), "a.json.gz"), packed.subarray(0, -2));
    await expectFailure(read(found), "E_EXPORT_FILE_TRUNCATED", /a\.json\.gz/);
  });

  it("passes errors of later steps on as they are", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": LINES }));
    const error = new Error("from the next step");
    let calls = 0;
    const failing = async (): Promise<void> => {
      await new ReadExport(runId).process(files[0] as DataFile, undefined, () => {
        if (++calls === 2) {
          throw error;
        }
        return null;
      });
    };
    let thrown: unknown;
    await failing().catch((cause: unknown) => {
      thrown = cause;
    });
    expect(thrown).to.equal(error);
  });

  it("stops before the next block when the run was asked to stop, and does not call the file read", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": LINES }));
    const blocks: Block[] = [];
    await new ReadExport(runId).process(files[0] as DataFile, undefined, (block) => {
      blocks.push(block);
      openLedger(runId).stopRequested = true;
      return null;
    });
    expect(blocks.length).to.be.within(1, 2);
    expect(blocks.every(({ endOfFile }) => endOfFile === undefined)).to.equal(true);
    expect(openLedger(runId).total.read).to.be.lessThan(1000);
  });

  it("lets the event loop turn while it reads a large file", async function () {
    this.timeout(240_000);
    const lines = Array.from({ length: 22 }, () => LINES).flat();
    const files = await dataFiles(exportFiles({ "big.json.gz": lines }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await read(files);
    clearInterval(timer);
    // Some 90 KB packed: they come in one chunk.
    expect(files[0]?.bytes).to.be.lessThan(256 * 1024);
    expect(lines.length * LINE.length).to.be.greaterThan(100 * BLOCK_BYTES);
    expect(turns).to.be.greaterThan(5);
  });

  it("runs in a pipeline, on one element a data file", async () => {
    const files = await dataFiles(exportFiles({ "big.json.gz": LINES, "one.json.gz": [LINE] }));
    await runDirect((root) => {
      root
        .apply(createElements("DataFiles", files))
        .apply(asyncParDo(new ReadExport(runId)))
        .apply(asyncParDo<Block, never>(new CountLines(runId)));
    });
    expect(openLedger(runId).total).to.include({ read: 1001, written: 1001 });
  });
});

class CountLines implements AsyncDoFn<Block, never> {
  constructor(private readonly runId: string) {}

  process({ file, bytes }: Block): void {
    openLedger(this.runId).add(file, { written: bytes.toString().split("\n").length - 1 });
  }
}

/** Puts another file in the place of the only data file, with its true MD5 in the manifest. */
function replaceDataFile(files: Files, packed: Buffer, itemCount?: number): void {
  const name = `${EXPORT_PATH}/manifest-files`;
  const line = JSON.parse(String(files.get(`${name}.json`))) as object;
  files.set(BIG, packed);
  setManifest(
    files,
    name,
    JSON.stringify({ ...line, md5Checksum: md5(packed), ...(itemCount === undefined ? {} : { itemCount }) }),
  );
}

registerForWorkers("test/transforms/read-export.test", { CountLines });
