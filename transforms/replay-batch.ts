import "apache-beam";
import type { PCollection, Root } from "apache-beam/pvalue";
import { impulse } from "apache-beam/transforms/internal";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { registerForWorkers } from "../beam/worker-module";
import { BLOCK_BYTES, type Block } from "../export/block";
import type { DeadLetter } from "./dead-letter";
import type { BlockOutcome } from "./finish-blocks";

/** What a replay of lines reads and what comes back, by the run's name, in this process. */
const batches = new Map<string, { readonly blocks: readonly Block[]; readonly failures: DeadLetter[] }>();

/** Makes blocks available to {@link readReplayBlocks}, and a place for failures to {@link CollectFailures}. */
export function openReplayBatch(runId: string, blocks: readonly Block[]): readonly DeadLetter[] {
  const failures: DeadLetter[] = [];
  batches.set(runId, { blocks, failures });
  return failures;
}

export function closeReplayBatch(runId: string): void {
  batches.delete(runId);
}

/**
 * Original lines as blocks again, whose line numbers say which of `lines` it was, from 1 on. None may hold a newline.
 * @param file the blocks' file
 */
export function blocksOf(file: string, lines: readonly Buffer[]): readonly Block[] {
  const blocks: Block[] = [];
  let parts: Buffer[] = [];
  let bytes = 0;
  let firstLine = 1;
  const close = () => {
    if (parts.length > 0) blocks.push({ file, firstLine, lineCount: parts.length, bytes: joinLines(parts) });
    firstLine += parts.length;
    parts = [];
    bytes = 0;
  };
  for (const line of lines) {
    if (bytes + line.length > BLOCK_BYTES) close();
    parts.push(line);
    bytes += line.length + 1;
  }
  close();
  return blocks;
}

const NEWLINE = Buffer.from("\n");

function joinLines(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
}

/** The blocks of one replay, as a bounded collection. */
export function readReplayBlocks(runId: string): PTransform<Root, PCollection<Block>> {
  return withName(
    "ReadDeadLetters",
    (root: Root): PCollection<Block> =>
      root.apply(impulse()).apply(asyncParDo<Uint8Array, Block>(new ReadReplayBlocks(runId))),
  );
}

class ReadReplayBlocks implements AsyncDoFn<Uint8Array, Block> {
  readonly beamName = "ReadReplayBlocks";

  constructor(readonly runId: string) {}

  async process(_impulse: Uint8Array, _context: undefined, emit: Emit<Block>): Promise<void> {
    for (const block of batchOf(this.runId).blocks) await emit(block);
  }
}

/** Takes the dead letters out of what became of blocks. */
export class BlockFailures implements AsyncDoFn<BlockOutcome, DeadLetter> {
  readonly beamName = "BlockFailures";

  async process({ letters }: BlockOutcome, _context: unknown, emit: Emit<DeadLetter>): Promise<void> {
    for (const letter of letters) await emit(letter);
  }
}

/** Keeps the dead letters of a replay for its launcher: they go back to where they came from, not into new files. */
export class CollectFailures implements AsyncDoFn<DeadLetter, never> {
  readonly beamName = "CollectFailures";

  constructor(readonly runId: string) {}

  process(letter: DeadLetter): void {
    batchOf(this.runId).failures.push(letter);
  }
}

function batchOf(runId: string) {
  const batch = batches.get(runId);
  if (batch === undefined) throw new TypeError(`there is no replay ${runId} in this process`);
  return batch;
}

registerForWorkers("transforms/replay-batch", { ReadReplayBlocks, BlockFailures, CollectFailures });
