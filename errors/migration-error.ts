import { type ErrorCode, errorCatalogue } from "./codes";

/**
 * An error that a user can meet: a stable code, what was wrong and where, and (from the catalogue) what to do.
 *
 * `message` names the file, line, attribute or column at fault; `details` holds one line per further problem when
 * several were found at once. The command line prints these without a stack trace.
 */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly code: ErrorCode;
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }

  /** What the user can do about it, from the catalogue of codes. */
  get remedy(): string {
    return errorCatalogue[this.code].remedy;
  }
}
