import { type ErrorCode, errorCatalogue } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";

/** Begins the part of a failure's text that only {@link decodeFailure} reads. */
const MARK = "dynamodb-spanner-migration-failure:";
const ENCODED = new RegExp(`${MARK}([A-Za-z0-9+/]+=*)`);

interface PlainFailure {
  readonly code?: string;
  readonly message: string;
  readonly details: readonly string[];
}

/**
 * An error as the one string that the Fn API has for it: readable, and with all that makes it the same error again. It
 * passes through other programs, which put stack traces around it.
 */
export function encodeFailure(error: unknown): string {
  const failure = describe(error);
  const readable = failure.code === undefined ? failure.message : `${failure.code}: ${failure.message}`;
  return `${readable} [${MARK}${Buffer.from(JSON.stringify(failure)).toString("base64")}]`;
}

/** The error that {@link encodeFailure} has put somewhere into a text; undefined if there is none. */
export function decodeFailure(text: string): Error | undefined {
  const [, encoded] = ENCODED.exec(text) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const { code, message, details } = JSON.parse(Buffer.from(encoded, "base64").toString()) as PlainFailure;
    return isErrorCode(code) ? new MigrationError(code, message, { details }) : new Error(message);
  } catch {
    // Cut off on its way: then the text around it is all there is.
    return undefined;
  }
}

function describe(error: unknown): PlainFailure {
  if (error instanceof MigrationError) return { code: error.code, message: error.message, details: error.details };
  return { message: error instanceof Error ? `${error.name}: ${error.message}` : String(error), details: [] };
}

/** A worker of another version may know codes that this process does not. */
function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorCatalogue, code);
}
