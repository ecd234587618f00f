import type { AsyncDoFn, Emit, FinishEmit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { Block } from "../export/block";
import type { FinishedPart } from "../schema/load-progress";
import { openSpanner, type SpannerTarget } from "../spanner/connection";
import { recordParts } from "../spanner/load-store";
import { outageNotice } from "../spanner/outage-notice";
import { type DeadLetter, formatDeadLetter } from "./dead-letter";
import { finishedParts } from "./finished-parts";
import { openLedger } from "./ledger";
import { notice } from "./notice";
import { DEAD_LETTER_FILE_BYTES, type StoredDeadLetters, storeFile } from "./write-dead-letters";

/** What became of each line of a block: its rows are committed, what could not be written is a dead letter. */
export interface BlockOutcome extends Omit<Block, "bytes"> {
  readonly written: number;
  readonly stale: number;
  readonly filtered: number;
  /** Not stored yet. */
  readonly letters: readonly DeadLetter[];
}

export interface FinishBlocksConfig {
  readonly runId: string;
  /** Local folder or gs:// URL. */
  readonly deadLetters: string;
  readonly target: SpannerTarget;
  readonly level: number;
  /** Where finished blocks are recorded; absent: nowhere. */
  readonly record?: LoadRecord | undefined;
}

export interface LoadRecord {
  readonly loadId: string;
  /** Seconds from one record to the next; what was done since the last one is done again after a crash. */
  readonly interval: number;
}

/** In place of a record's interval where none is kept: dead letters are stored when there are enough, and at the end. */
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Ends the way of blocks: a {@link BlockOutcome} in, the address of each file of dead letters out. Stores dead letters as
 * JSON Lines files `dead-letters-<run>-<n>.jsonl`, each whole or absent, and after them records in the target database
 * which lines are finished: their rows are committed, and their dead letters are stored. A bundle that is repeated may
 * store dead letters twice, and records the same lines again. Counts `deadLettered` in the run's ledger, once they are
 * stored.
 *
 * Fails with MigrationError E_DEAD_LETTERS_UNWRITABLE, E_LOAD_REPLACED, E_SPANNER_…
 */
export class FinishBlocks implements AsyncDoFn<BlockOutcome, StoredDeadLetters> {
  readonly beamName = "FinishBlocks";
  private blocks: BlockOutcome[] = [];
  private lines: string[] = [];
  private bytes = 0;
  private dueAt = NEVER;

  constructor(readonly config: FinishBlocksConfig) {}

  startBundle(): void {
    this.clear();
  }

  process(outcome: BlockOutcome, _context: unknown, emit: Emit<StoredDeadLetters>): Promise<void> | undefined {
    this.blocks.push(outcome);
    for (const letter of outcome.letters) {
      const line = `${formatDeadLetter(letter)}\n`;
      this.lines.push(line);
      this.bytes += Buffer.byteLength(line);
    }
    const due = this.bytes >= DEAD_LETTER_FILE_BYTES || performance.now() >= this.dueAt;
    return due ? this.finish(emit) : undefined;
  }

  async finishBundle(_context: unknown, emit: FinishEmit<StoredDeadLetters>): Promise<void> {
    await this.finish(emit);
  }

  /** Blocks without dead letters are finished all the same; those of the others would be stored twice by a repetition. */
  async abandonBundle(): Promise<void> {
    const clean = this.blocks.filter(({ letters }) => letters.length === 0);
    this.clear();
    // The bundle's own error is reported. What is not recorded is done again.
    await this.record(clean).catch(() => undefined);
  }

  private async finish(emit: Emit<StoredDeadLetters>): Promise<void> {
    const { blocks, lines } = this;
    this.clear();
    // In this order: what is recorded is never looked at again, so its dead letters must be safe.
    if (lines.length > 0) await emit({ url: await this.store(blocks, lines), count: lines.length });
    await this.record(blocks);
  }

  private async store(blocks: readonly BlockOutcome[], lines: readonly string[]): Promise<string> {
    const { runId, deadLetters } = this.config;
    const url = await storeFile(deadLetters, runId, Buffer.from(lines.join("")));
    const ledger = openLedger(runId);
    for (const { file, letters } of blocks) {
      if (letters.length > 0) ledger.add(file, { deadLettered: letters.length });
    }
    return url;
  }

  private async record(blocks: readonly BlockOutcome[]): Promise<void> {
    const { record, level, target } = this.config;
    const parts: readonly FinishedPart[] = record === undefined ? [] : finishedParts(level, blocks);
    if (record === undefined || parts.length === 0) return;
    await this.recordParts(target, record.loadId, parts);
  }

  protected async recordParts(target: SpannerTarget, loadId: string, parts: readonly FinishedPart[]): Promise<void> {
    const connection = await openSpanner(target);
    await recordParts(connection, loadId, parts, { onRetry: outageNotice(connection.databaseName, notice) });
  }

  private clear(): void {
    const { record } = this.config;
    this.blocks = [];
    this.lines = [];
    this.bytes = 0;
    this.dueAt = record === undefined ? NEVER : performance.now() + record.interval * 1000;
  }
}

registerForWorkers("transforms/finish-blocks", { FinishBlocks });
