import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const CODES: Readonly<Record<number, ErrorCode>> = {
  4: "E_PUBSUB_UNREACHABLE",
  5: "E_PUBSUB_SUBSCRIPTION_NOT_FOUND",
  7: "E_PUBSUB_PERMISSION",
  14: "E_PUBSUB_UNREACHABLE",
  16: "E_PUBSUB_CREDENTIALS",
};

/** What an error of the Pub/Sub client means to the user. */
export function pubSubError(error: unknown, subscription: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const { code, message } = error as { readonly code?: number; readonly message?: string };
  const credentials = /could not load the default credentials|invalid_grant|unable to detect a project/i;
  const known = credentials.test(message ?? "") ? "E_PUBSUB_CREDENTIALS" : CODES[code ?? -1];
  return new MigrationError(known ?? "E_PUBSUB_FAILED", `${subscription}: ${message ?? String(error)}`, {
    cause: error,
  });
}
