import { MigrationError } from "../errors/migration-error";
import { classifySpannerError, type RowErrorCode, spannerMessage } from "./error-class";

/** Spanner refuses a commit for good because of one of its rows; which one, it need not say. */
export class CommitRefused extends Error {
  override readonly name = "CommitRefused";

  constructor(
    readonly code: RowErrorCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/**
 * What the caller of a failed request is to see, once attempts are over: a `CommitRefused` where a row is at fault, else
 * a `MigrationError` with Spanner's own words.
 *
 * @param subject what the request was about, such as the database's name
 */
export function finalError(error: unknown, subject: string): MigrationError | CommitRefused {
  if (error instanceof MigrationError || error instanceof CommitRefused) return error;
  const failure = classifySpannerError(error);
  const message = spannerMessage(error);
  if (failure.kind === "row") return new CommitRefused(failure.code, withoutEmpty(message), { cause: error });
  if (failure.kind === "stop") return new MigrationError(failure.code, `${subject}: ${message}`, { cause: error });
  if (failure.otherwise === "row") return new CommitRefused("E_SPANNER_ROW_REFUSED", message, { cause: error });
  return new MigrationError(
    failure.reason === "unavailable" ? "E_SPANNER_UNREACHABLE" : "E_SPANNER_RETRIES_EXHAUSTED",
    `${subject}: ${message}`,
    { cause: error },
  );
}

function withoutEmpty(message: string): string {
  return message === "" ? "Spanner gave no reason (INTERNAL)" : message;
}
