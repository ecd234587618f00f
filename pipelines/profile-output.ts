import { MigrationError } from "../errors/migration-error";
import { checkPlace, writeOutput } from "./output-file";

const UNWRITABLE = "E_PROFILE_UNWRITABLE";

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
  if ((await checkPlace("--out", out, UNWRITABLE)) && !replace) {
    throw new MigrationError("E_PROFILE_EXISTS", `--out ${out} exists`);
  }
  if (report !== undefined) await checkPlace("--report", report, UNWRITABLE);
}

/** @throws MigrationError E_PROFILE_UNWRITABLE */
export function writeProfileOutput(option: string, path: string, text: string): Promise<void> {
  return writeOutput(option, path, text, UNWRITABLE);
}
