import { MigrationError } from "../errors/migration-error";
import { REQUEST_SECONDS } from "./google-client";

/** HTTP status of a failed Cloud Storage request; undefined when no answer came. */
export function httpStatus(cause: unknown): number | undefined {
  if (!(cause instanceof Error)) {
    return undefined;
  }
  // The client's own errors have it as `code`, those of its transport for uploads (gaxios) as `status`.
  const fields = cause as { readonly code?: unknown; readonly status?: unknown };
  return [fields.code, fields.status].map(Number).find((code) => Number.isInteger(code) && code >= 100 && code < 600);
}

/** Whether the same request may succeed later. */
export function mayPass(cause: unknown): boolean {
  if (cause instanceof MigrationError) {
    return false;
  }
  const status = httpStatus(cause);
  return (status === undefined && !lacksCredentials(cause)) || status === 408 || status === 429 || (status ?? 0) >= 500;
}

/** A failed request in the words of the user's work, with the address that it was about. */
export function describeGoogleError(url: string, cause: unknown): MigrationError {
  if (cause instanceof MigrationError) {
    return cause;
  }
  const status = httpStatus(cause);
  const reason = reasonOf(cause);
  if (status === 404 || (status === 400 && /bucket name/i.test(reason))) {
    return new MigrationError("E_STORAGE_NOT_FOUND", `${url} does not exist: ${reason}`, { cause });
  }
  if (status === 401 || status === 403 || lacksCredentials(cause)) {
    return new MigrationError("E_STORAGE_PERMISSION", `${url}: permission denied: ${reason}`, { cause });
  }
  return new MigrationError("E_STORAGE_UNREACHABLE", `${url} could not be reached: ${reason}`, { cause });
}

/**
 * Runs one request, its retries included, with a last word on how long it may take: the client's own limits do not
 * cover a server that accepts the connection and never answers.
 */
export async function withDeadline<T>(url: string, request: () => Promise<T>, seconds = REQUEST_SECONDS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} seconds`)), seconds * 1000);
  });
  try {
    return await Promise.race([request(), deadline]);
  } catch (cause) {
    throw describeGoogleError(url, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** The authentication library's errors carry no code of their own, or the token server's. */
function lacksCredentials(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    /default credentials|invalid_grant|invalid_rapt|invalid_client|ENOENT.*credential/i.test(cause.message)
  );
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return String(cause);
  }
  // An AggregateError of a failed connection has its text in its parts.
  const parts = cause instanceof AggregateError ? cause.errors.map(reasonOf) : [];
  const text = cause.message === "" ? parts.join("; ") : cause.message;
  // The body of an error answer may be a page of HTML or JSON; its first line is enough for a person.
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line || "no reason given";
}
