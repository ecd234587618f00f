import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";

/** What is down for now, and what waiting mends. Everything else ends the command. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "E_SPANNER_UNREACHABLE",
  "E_SPANNER_RETRIES_EXHAUSTED",
  "E_STORAGE_UNREACHABLE",
]);

/** Whether a stream that failed is to be tried again, without end. */
export function isOutage(error: unknown): error is MigrationError {
  return error instanceof MigrationError && OUTAGES.has(error.code);
}
