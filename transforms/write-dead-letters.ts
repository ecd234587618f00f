import { randomBytes } from "node:crypto";
import type { AsyncDoFn, Emit, FinishEmit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";
import { openChangeLedger } from "./change-ledger";
import { type DeadLetter, formatDeadLetter } from "./dead-letter";
import { openLedger } from "./ledger";

/** A file of dead letters that is safely stored. */
export interface StoredDeadLetters {
  /** Address of the file. */
  readonly url: string;
  readonly count: number;
}

/** Dead letters are collected in memory up to this size, then stored as one file. */
export const DEAD_LETTER_FILE_BYTES = 8 * 1024 * 1024;

/** How many files this process has stored, by run: file names count up. */
const filesStored = new Map<string, number>();

/** Forgets a run, of which a process that runs for months has one for each window. */
export function forgetStoredFiles(runId: string): void {
  filesStored.delete(runId);
}

/**
 * When dead letters are stored.
 * - `as they come`: whenever there are enough for a file, so that a bundle may bring any number of them;
 * - `with the bundle`: at its end, in one file. A bundle that fails before has stored none of them, so that its repetition
 *   does not store them twice; all of them are held in memory until then.
 */
export type DeadLetterTiming = "as they come" | "with the bundle";

interface Collected {
  readonly lines: string[];
  bytes: number;
  readonly countsByFile: Map<string, number>;
  /** Of messages, which have no file. */
  messages: number;
}

/**
 * Stores dead letters as JSON Lines files `dead-letters-<run>-<n>.jsonl` in a folder, each whole or absent. When a bundle
 * has succeeded, all of its dead letters are stored; a bundle that is repeated may store them twice. Counts
 * `deadLettered` in the run's ledger (of items or of changes, by their source), once they are stored.
 *
 * Fails with MigrationError E_DEAD_LETTERS_UNWRITABLE.
 */
export class WriteDeadLetters implements AsyncDoFn<DeadLetter, StoredDeadLetters> {
  readonly beamName = "WriteDeadLetters";
  private collected: Collected | undefined;

  /** @param folder a local path or gs:// URL */
  constructor(
    readonly runId: string,
    readonly folder: string,
    readonly timing: DeadLetterTiming = "as they come",
  ) {}

  startBundle(): void {
    this.collected = undefined;
  }

  process(letter: DeadLetter, _context: unknown, emit: Emit<StoredDeadLetters>): Promise<void> | undefined {
    this.collected ??= { lines: [], bytes: 0, countsByFile: new Map(), messages: 0 };
    const line = `${formatDeadLetter(letter)}\n`;
    this.collected.lines.push(line);
    this.collected.bytes += Buffer.byteLength(line);
    if ("file" in letter.source) {
      const { file } = letter.source;
      this.collected.countsByFile.set(file, (this.collected.countsByFile.get(file) ?? 0) + 1);
    } else {
      this.collected.messages++;
    }
    const full = this.timing === "as they come" && this.collected.bytes >= DEAD_LETTER_FILE_BYTES;
    return full ? this.store(emit) : undefined;
  }

  async finishBundle(_context: unknown, emit: FinishEmit<StoredDeadLetters>): Promise<void> {
    await this.store(emit);
  }

  abandonBundle(): void {
    this.collected = undefined;
  }

  private async store(emit: Emit<StoredDeadLetters>): Promise<void> {
    const { collected } = this;
    if (collected === undefined) {
      return;
    }
    this.collected = undefined;
    const url = await storeFile(this.folder, this.runId, Buffer.from(collected.lines.join("")));
    for (const [file, count] of collected.countsByFile) {
      openLedger(this.runId).add(file, { deadLettered: count });
    }
    if (collected.messages > 0) openChangeLedger(this.runId).add({ deadLettered: collected.messages });
    await emit({ url, count: collected.lines.length });
  }
}

/**
 * Stores a file of dead letters of a run, under a name that no other has.
 * @returns its address
 * @throws MigrationError E_DEAD_LETTERS_UNWRITABLE
 */
export async function storeFile(folderUrl: string, runId: string, content: Buffer): Promise<string> {
  const folder = openFolder(folderUrl);
  const number = (filesStored.get(runId) ?? 0) + 1;
  filesStored.set(runId, number);
  const name = `dead-letters-${runId}-${number}`;
  // Other workers of the run count up as well: where one was first, a random part makes the name unique.
  for (const each of [name, `${name}-${randomBytes(8).toString("hex")}`]) {
    try {
      if (await folder.create(`${each}.jsonl`, content)) {
        return folder.urlOf(`${each}.jsonl`);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MigrationError("E_DEAD_LETTERS_UNWRITABLE", `dead letters can't be stored: ${reason}`, { cause });
    }
  }
  throw new MigrationError("E_DEAD_LETTERS_UNWRITABLE", `${folder.urlOf(`${name}.jsonl`)} exists, and so does another`);
}

registerForWorkers("transforms/write-dead-letters", { WriteDeadLetters });
