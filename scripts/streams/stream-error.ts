import { MigrationError } from "../../errors/migration-error";

export type StreamErrorClass =
  /** Try again later: throttling, an error of the server, the network. */
  | { readonly kind: "transient"; readonly reason: string }
  /** An iterator lives for 15 minutes: get a new one. */
  | { readonly kind: "expired-iterator" }
  /** No retry helps. */
  | { readonly kind: "fatal"; readonly error: MigrationError };

/** Client errors of https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html to retry. */
const throttlingErrors = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestTimeout",
  "RequestTimeoutException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** What to do about an error of the AWS SDK while reading a stream. `where` names the shard or the stream. */
export function classifyStreamError(error: unknown, where: string): StreamErrorClass {
  if (error instanceof MigrationError) return { kind: "fatal", error };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case "ExpiredIteratorException":
      return { kind: "expired-iterator" };
    case "TrimmedDataAccessException":
    case "ResourceNotFoundException":
      return fatal(
        "E_STREAM_TRIMMED",
        `${where}: the stream does not hold the changes that come next (${name}: ${message})`,
        error,
      );
    case "CredentialsProviderError":
      return fatal("E_STREAM_READ", `${where}: there are no AWS credentials (${message})`, error);
  }
  return isClientFault(error) && !throttlingErrors.has(name)
    ? fatal("E_STREAM_READ", `${where}: ${name}: ${message}`, error)
    : { kind: "transient", reason: `${where}: ${name}: ${message}` };
}

function fatal(code: "E_STREAM_TRIMMED" | "E_STREAM_READ", message: string, cause: unknown): StreamErrorClass {
  return { kind: "fatal", error: new MigrationError(code, message, { cause }) };
}

/** Errors of the network have no `$fault`; those that AWS answers with have. */
function isClientFault(error: unknown): boolean {
  return error instanceof Error && "$fault" in error && error.$fault === "client";
}
