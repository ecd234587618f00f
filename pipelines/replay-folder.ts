import type { Folder } from "../storage/folder";
import { type DeadLetter, formatDeadLetter, parseDeadLetter } from "../transforms/dead-letter";

/** Where what has succeeded is kept, below the folder of dead letters. */
export const DONE_FOLDER = "done";

/** A file of dead letters. */
export interface LetterFile {
  readonly name: string;
  readonly letters: readonly DeadLetter[];
}

/**
 * The dead letters of a folder, file by file; what lies in folders below it is left alone.
 * @throws MigrationError E_STORAGE_…, E_DEAD_LETTER_INVALID
 */
export async function readLetterFiles(folder: Folder): Promise<readonly LetterFile[]> {
  const files: LetterFile[] = [];
  for (const { name } of await folder.list()) {
    if (name.includes("/") || !name.endsWith(".jsonl")) continue;
    const lines = (await folder.readWhole(name)).toString("utf8").split("\n");
    const letters = lines.flatMap((line, index) =>
      line === "" ? [] : [parseDeadLetter(line, `${folder.urlOf(name)}, line ${index + 1}`)],
    );
    files.push({ name, letters });
  }
  return files;
}

/**
 * Moves the dead letters that have succeeded to `done/`, and puts what has failed again in the file's place. Each file is
 * whole at every moment. A process that ends in the midst leaves letters in both places: put through again they change
 * nothing, for their versions or rows are there.
 *
 * @param failed for each letter that failed again: what it has become
 */
export async function settleFile(
  folder: Folder,
  { name, letters }: LetterFile,
  failed: ReadonlyMap<DeadLetter, DeadLetter>,
): Promise<void> {
  const done = letters.filter((letter) => !failed.has(letter));
  const left = letters.flatMap((letter) => failed.get(letter) ?? []);
  if (done.length > 0) await storeDone(folder, name, linesOf(done));
  if (left.length > 0) await folder.write(name, linesOf(left));
  else await folder.remove(name);
}

/** An earlier replay may have stored other letters of the same file. */
async function storeDone(folder: Folder, name: string, content: Buffer): Promise<void> {
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? "" : `-${count}`;
    if (await folder.create(`${DONE_FOLDER}/${name.replace(/\.jsonl$/, "")}${suffix}.jsonl`, content)) return;
  }
}

function linesOf(letters: readonly DeadLetter[]): Buffer {
  return Buffer.from(letters.map((letter) => `${formatDeadLetter(letter)}\n`).join(""));
}
