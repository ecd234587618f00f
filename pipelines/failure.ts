import { errorCatalogue } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";
import { log } from "./log";

/** The longest list of details that is printed; a mapping with more mistakes is mended in several rounds. */
const MAX_DETAILS = 50;

/**
 * Tells the user what went wrong, where, and what to do, without a stack trace.
 * @returns the exit code that the error stands for
 */
export function reportFailure(error: unknown): number {
  if (!(error instanceof MigrationError)) {
    log.error(`E_INTERNAL: ${error instanceof Error ? error.message : String(error)}`);
    log.debug(error);
    process.stderr.write(`  ${errorCatalogue.E_INTERNAL.remedy}\n`);
    return 1;
  }
  log.error(`${error.code}: ${error.message}`);
  for (const detail of error.details.slice(0, MAX_DETAILS)) process.stderr.write(`  - ${detail}\n`);
  const left = error.details.length - MAX_DETAILS;
  if (left > 0) process.stderr.write(`  … and ${left} more\n`);
  process.stderr.write(`  ${error.remedy}\n`);
  log.debug(error.stack);
  const description = errorCatalogue[error.code];
  return "exitCode" in description ? description.exitCode : 1;
}
