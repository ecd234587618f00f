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

/** Words of Google's authentication library, which come under various codes or none. */
const credentialsRefused =
  /could not load the default credentials|invalid_grant|invalid_rapt|invalid_client|invalid_token|unauthorized_client|could not refresh access token|unable to detect a project/i;

/** True if the credentials are missing, or Google's token service does not accept them. */
export function isCredentialsError(error: unknown): boolean {
  return credentialsRefused.test((error as { readonly message?: string } | null)?.message ?? "");
}

/** What an error of the Pub/Sub client means to the user. */
export function pubSubError(error: unknown, subscription: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const { code, message } = error as { readonly code?: number; readonly message?: string };
  const known = isCredentialsError(error) ? "E_PUBSUB_CREDENTIALS" : CODES[code ?? -1];
  return new MigrationError(known ?? "E_PUBSUB_FAILED", `${subscription}: ${message ?? String(error)}`, {
    cause: error,
  });
}
