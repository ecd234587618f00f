import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError } from "../errors/migration-error";

/** The error that says so if a command's file can't be written. */
export type UnwritableCode = "E_PROFILE_UNWRITABLE" | "E_REPORT_UNWRITABLE";

/**
 * Finds out before a command's work whether a file that it writes at its end will have a place.
 *
 * @returns whether a file is there
 * @throws MigrationError `code`
 */
export async function checkPlace(option: string, path: string, code: UnwritableCode): Promise<boolean> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there !== undefined) await access(path, constants.W_OK);
    return there !== undefined;
  } catch (cause) {
    throw unwritable(option, path, code, cause);
  }
}

/** @throws MigrationError `code` */
export async function writeOutput(option: string, path: string, text: string, code: UnwritableCode): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw unwritable(option, path, code, cause);
  }
}

function unwritable(option: string, path: string, code: UnwritableCode, cause: unknown): MigrationError {
  return new MigrationError(code, `${option} ${path} can't be written: ${(cause as Error).message}`, { cause });
}
