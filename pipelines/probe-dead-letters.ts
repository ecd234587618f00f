import { MigrationError } from "../errors/migration-error";
import { openFolder } from "../storage/open-folder";

/**
 * Tries to write into the folder for dead letters: an unwritable one is found before the run, not at its first bad item.
 * @throws MigrationError E_DEAD_LETTERS_UNWRITABLE
 */
export async function probeDeadLetters(url: string): Promise<void> {
  try {
    await openFolder(url).probeWritable();
  } catch (cause) {
    if (!(cause instanceof MigrationError)) throw cause;
    throw new MigrationError("E_DEAD_LETTERS_UNWRITABLE", `--dead-letters ${url}: ${cause.message}`, { cause });
  }
}
