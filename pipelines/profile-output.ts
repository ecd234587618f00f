import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError } from "../errors/migration-error";

/**
 * Finds out before an export is read whether what follows from it will have a place. A mapping that is there is kept: it
 * may have been worked on.
 *
 * @throws MigrationError E_PROFILE_UNWRITABLE, E_PROFILE_EXISTS
 */
export async function checkOutputs(options: {
  readonly out: string;
  readonly report: string | undefined;
  readonly replace: boolean;
}): Promise<void> {
  const { out, report, replace } = options;
  if ((await checkPlace("--out", out)) && !replace) throw new MigrationError("E_PROFILE_EXISTS", `--out ${out} exists`);
  if (report !== undefined) await checkPlace("--report", report);
}

/** @returns whether a file is there */
async function checkPlace(option: string, path: string): Promise<boolean> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there !== undefined) await access(path, constants.W_OK);
    return there !== undefined;
  } catch (cause) {
    throw unwritable(option, path, cause);
  }
}

/** @throws MigrationError E_PROFILE_UNWRITABLE */
export async function writeOutput(option: string, path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw unwritable(option, path, cause);
  }
}

function unwritable(option: string, path: string, cause: unknown): MigrationError {
  return new MigrationError("E_PROFILE_UNWRITABLE", `${option} ${path} can't be written: ${(cause as Error).message}`, {
    cause,
  });
}
