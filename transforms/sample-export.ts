import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { Block } from "../export/block";
import { gunzip } from "../export/gunzip";
import { lineBlocks } from "../export/line-blocks";
import type { DataFile } from "../export/open-export";
import { openFolder } from "../storage/open-folder";
import { openLedger } from "./ledger";

/** A data file of which only the beginning is read. DynamoDB orders items by a hash of their key: it is a random sample. */
export interface FileSample {
  readonly file: DataFile;
  readonly items: number;
}

const NEWLINE = 0x0a;

/** Shares a number of items out over files, by how many they hold where the manifest says so. */
export function shareSample(files: readonly DataFile[], items: number): readonly FileSample[] {
  const known = files.filter(({ proof }) => proof?.itemCount !== 0);
  let left = items;
  let weight = known.reduce((sum, { proof }) => sum + (proof?.itemCount ?? 1), 0);
  return known.flatMap((file) => {
    const own = file.proof?.itemCount ?? 1;
    const share = Math.min(left, Math.ceil((left * own) / weight));
    weight -= own;
    left -= share;
    return share === 0 ? [] : [{ file, items: share }];
  });
}

/** The blocks of the first items of a file. What follows is not read, so that nothing of the file is proven. */
export async function* sampleBlocks({ file, items }: FileSample): AsyncGenerator<Block> {
  let left = items;
  for await (const block of lineBlocks(gunzip(openFolder(file.folder).read(file.name), file.url), file.url)) {
    const part = firstLines(block, left);
    left -= part.lineCount;
    yield part;
    if (left === 0) return;
  }
}

function firstLines(block: Block, count: number): Block {
  if (block.lineCount <= count) return block;
  let end = 0;
  for (let line = 0; line < count; line += 1) end = block.bytes.indexOf(NEWLINE, end) + 1;
  return { ...block, lineCount: count, bytes: block.bytes.subarray(0, end) };
}

/** Reads the beginnings of data files: a {@link FileSample} in, blocks out. Counts `read` in the run's ledger. */
export class SampleExport implements AsyncDoFn<FileSample, Block> {
  readonly beamName = "SampleExport";

  constructor(readonly runId: string) {}

  async process(sample: FileSample, _context: unknown, emit: Emit<Block>): Promise<void> {
    const ledger = openLedger(this.runId);
    for await (const block of sampleBlocks(sample)) {
      if (ledger.stopRequested) return;
      ledger.add(block.file, { read: block.lineCount });
      await emit(block);
    }
  }
}

registerForWorkers("transforms/sample-export", { SampleExport });
