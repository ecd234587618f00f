import { MigrationError } from "../errors/migration-error";

/**
 * An error of the AWS SDK in the user's words: which table, what DynamoDB or the network answered. Errors with codes of
 * their own, and those that are this program's mistakes, stay as they are.
 */
export function describeTableError(error: unknown, table: string): unknown {
  if (!(error instanceof Error) || error instanceof MigrationError || error instanceof TypeError) return error;
  const { name, message } = error;
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  // A refused connection may have an empty message; what matters is then in its code.
  const answer = message === "" && typeof code === "string" ? code : message;
  const status = $metadata?.httpStatusCode === undefined ? "" : ` (HTTP status ${$metadata.httpStatusCode})`;
  return new MigrationError("E_TABLE_REQUEST", `DynamoDB table ${table}: ${name}: ${answer}${status}`, {
    cause: error,
  });
}
