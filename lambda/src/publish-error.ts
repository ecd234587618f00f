import { MigrationError } from "../../errors/migration-error";

/** gRPC status UNAUTHENTICATED: https://grpc.io/docs/guides/status-codes/ */
const unauthenticated = 16;

interface ErrorFields {
  readonly message?: string;
  readonly code?: unknown;
  readonly details?: unknown;
}

/**
 * What may be logged of an error: our own messages, and those of gRPC and of the credentials, which name resources and
 * reasons. The errors of JavaScript itself quote what they choke on, so only their class is told.
 */
export function describeError(error: unknown): string {
  if (error instanceof MigrationError) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return error.name;
  const { code, details }: ErrorFields = error;
  if (typeof code === "number") return `gRPC status ${code}: ${typeof details === "string" ? details : error.message}`;
  return `${error.name}${typeof code === "string" ? ` (${code})` : ""}: ${error.message}`;
}

/**
 * Whether a new client, with credentials read anew, may fare better: the key was rotated, or the client itself failed
 * before it had sent anything.
 */
export function needsNewClient(error: unknown): boolean {
  if (error instanceof MigrationError) return false;
  const { code }: ErrorFields = error instanceof Error ? error : {};
  return typeof code !== "number" || code === unauthenticated || code === 0;
}
