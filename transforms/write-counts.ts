import type { AsyncDoFn } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";
import type { BundleCounts } from "./counted-step";
import { createLedger, type FileCounts, type Ledger } from "./ledger";

/** Where the counts of a job are left for its launcher. */
export interface CountsFile {
  /** A local path or gs:// URL that workers and launcher share. */
  readonly folder: string;
  readonly name: string;
}

/**
 * Stores the sums of all counts of a job, by file, as one JSON file: a group of {@link BundleCounts} in, nothing out.
 * There is one group and it is complete, so a bundle that is repeated replaces the file by the same.
 *
 * Fails with MigrationError E_DEAD_LETTERS_UNWRITABLE: the counts lie beside the dead letters.
 */
export class WriteCounts implements AsyncDoFn<{ readonly value: Iterable<BundleCounts> }, never> {
  readonly beamName = "WriteCounts";

  constructor(readonly file: CountsFile) {}

  async process({ value }: { readonly value: Iterable<BundleCounts> }): Promise<void> {
    const sums = createLedger();
    for (const { json } of value) sums.add(...(JSON.parse(json) as [string, FileCounts]));
    try {
      await openFolder(this.file.folder).write(this.file.name, Buffer.from(JSON.stringify([...sums.files])));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MigrationError("E_DEAD_LETTERS_UNWRITABLE", `the counts can't be stored: ${reason}`, { cause });
    }
  }
}

/**
 * Adds the counts that a job has left to a ledger of this process.
 *
 * @throws MigrationError E_STORAGE_NOT_FOUND if the job has left none, E_STORAGE_…
 */
export async function addCounts({ folder, name }: CountsFile, ledger: Ledger): Promise<void> {
  const content = (await openFolder(folder).readWhole(name)).toString();
  for (const [file, counts] of JSON.parse(content) as readonly [string, FileCounts][]) ledger.add(file, counts);
}

registerForWorkers("transforms/write-counts", { WriteCounts });
