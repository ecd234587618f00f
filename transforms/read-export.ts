import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "../export/block";
import { type GunzipEngine, gunzip } from "../export/gunzip";
import { lineBlocks } from "../export/line-blocks";
import type { DataFile } from "../export/open-export";
import { unfinishedLines } from "../export/unfinished-lines";
import { openFolder } from "../storage/open-folder";
import { openLedger } from "./ledger";

/**
 * Reads data files of an export: a {@link DataFile} in, its {@link Block}s out, in the file's order. The last block of a
 * file is held back until the file is proven (gzip whole, MD5 and number of items as the manifest says) and carries
 * `endOfFile`; so nothing of a small altered file is handed on, and a file without `endOfFile` has not been read to its
 * end. Counts `read` and `bytesRead` in the run's ledger.
 *
 * Where a load keeps a record of its progress (`DataFile.finished`), lines that are finished are read but not handed on,
 * and do not count.
 *
 * When the run's ledger asks to stop, the step ends before the next block, without `endOfFile`.
 *
 * Fails with MigrationError E_EXPORT_FILE_TRUNCATED, E_EXPORT_FILE_ALTERED, E_EXPORT_ITEM_COUNT, E_LOAD_FILE_CHANGED,
 * E_STORAGE_…
 */
export class ReadExport implements AsyncDoFn<DataFile, Block> {
  readonly beamName = "ReadExport";

  constructor(
    readonly runId: string,
    readonly engine: GunzipEngine = "zlib-sync",
  ) {}

  async process(file: DataFile, _context: unknown, emit: Emit<Block>): Promise<void> {
    const ledger = openLedger(this.runId);
    const md5 = createHash("md5");
    let packedBytes = 0;
    let lines = 0;
    let handedOn = 0;
    let held: Block | undefined;
    const unfinished = file.finished === undefined ? undefined : unfinishedLines(file);
    const packed = tap(openFolder(file.folder).read(file.name), (chunk) => {
      md5.update(chunk);
      packedBytes += chunk.length;
      ledger.add(file.url, { bytesRead: chunk.length });
    });
    const handOn = async (block: Block): Promise<void> => {
      ledger.add(file.url, { read: block.lineCount });
      handedOn += block.lineCount;
      const room = emit(block);
      if (room !== null) {
        await room;
      }
      // Inflating is synchronous: without this, a small file of very compressible text would hold up everything else.
      await nextTurn();
    };
    let digest: string;
    try {
      for await (const block of lineBlocks(gunzip(packed, file.url, this.engine), file.url)) {
        lines += block.lineCount;
        const parts = unfinished?.(block) ?? [block];
        if (parts.length === 0) {
          await nextTurn();
        }
        for (const part of parts) {
          if (held !== undefined) {
            await handOn(held);
          }
          held = part;
        }
        if (ledger.stopRequested) {
          return;
        }
      }
      digest = md5.digest("base64");
      prove(file, digest, lines);
    } catch (error) {
      throw handedOn === 0 ? error : withRowsWritten(error, file, handedOn);
    }
    const last = held ?? endBlock(file, lines);
    await handOn({ ...last, endOfFile: { lines, packedBytes, md5: digest } });
  }
}

/** What ends a file if no other block does. */
function endBlock({ url, name, finished }: DataFile, lines: number): Block {
  const end = { file: url, firstLine: lines + 1, lineCount: 0, bytes: Buffer.alloc(0) };
  return finished === undefined ? end : { ...end, mark: { name, checksum: 0 } };
}

async function* tap(chunks: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

function prove({ url, proof }: DataFile, md5: string, lines: number): void {
  if (proof === undefined) {
    return;
  }
  if (md5 !== proof.md5) {
    throw new MigrationError(
      "E_EXPORT_FILE_ALTERED",
      `${url} was altered: its MD5 is ${md5}, the manifest says ${proof.md5}`,
    );
  }
  if (lines !== proof.itemCount) {
    throw new MigrationError(
      "E_EXPORT_ITEM_COUNT",
      `${url} holds ${lines} items, the manifest says ${proof.itemCount}`,
    );
  }
}

/** A fault of the file that shows only after rows of it were handed on. Errors of later steps pass as they are. */
function withRowsWritten(error: unknown, { url }: DataFile, handedOn: number): unknown {
  if (!(error instanceof MigrationError) || !/^E_(EXPORT|STORAGE)_/.test(error.code)) {
    return error;
  }
  return new MigrationError(error.code, error.message, {
    details: [
      ...error.details,
      `Rows of the first ${handedOn} items of ${url} may already be written; the next run checks that they are the right ones.`,
    ],
    cause: error,
  });
}

registerForWorkers("transforms/read-export", { ReadExport });
