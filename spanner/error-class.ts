import type { ErrorCode } from "../errors/codes";
import { readVarint, skipVarint } from "./varint";

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
export const grpcStatus = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** What to do about a request that failed. */
export type SpannerFailure =
  /** The same request may succeed later. */
  | {
      readonly kind: "retry";
      readonly reason: "aborted" | "session" | "unavailable" | "overloaded" | "internal";
      /** Of a request that goes on failing like this: the row is at fault, or nothing can be done. */
      readonly otherwise: "row" | "stop";
    }
  /** No repetition helps: a row of the commit is at fault, and its neighbours can be written without it. */
  | { readonly kind: "row"; readonly code: RowErrorCode }
  /** Neither repetition nor leaving out a row helps. */
  | { readonly kind: "stop"; readonly code: ErrorCode };

export type RowErrorCode = Extract<
  ErrorCode,
  "E_SPANNER_ROW_REFUSED" | "E_SPANNER_PARENT_MISSING" | "E_SPANNER_REFERENCE_MISSING" | "E_SPANNER_UNIQUE_INDEX"
>;

const rowRefused: SpannerFailure = { kind: "row", code: "E_SPANNER_ROW_REFUSED" };
const unavailable: SpannerFailure = { kind: "retry", reason: "unavailable", otherwise: "stop" };

/**
 * INTERNAL errors of the way to Spanner rather than of the request: what the official Java client repeats
 * (IsRetryableInternalError), and how grpc-js words the same.
 */
const passingInternalErrors =
  /HTTP\/2 error code: INTERNAL_ERROR|Connection closed with unknown cause|unexpected EOS on DATA frame|RST_STREAM|Authentication backend internal server error/;

/** A message that is over a limit of gRPC (100 MiB at Spanner): a part of the commit may pass. */
const messageTooLarge = /message larger than max/i;

/**
 * What is wrong with the columns of a mutation, and so with every row of the table. At the beginning of the message, as
 * other messages quote values, and a value may say anything.
 */
const tableRefused =
  /^(Cannot write into generated column|Duplicate column|Multiple values for column|Mutation column and value size mismatch|Wrong number of key parts)/;

/**
 * The transaction is over, and no row is to blame. A request that the client has given up on may reach Spanner after the
 * next attempt has begun on the same session, and then ends that one's transaction
 * (https://github.com/googleapis/java-spanner/pull/999).
 */
const transactionOver =
  /^(This transaction has been invalidated by a later transaction|Cannot commit a transaction after it has been rolled back)/;

/** Words of Google's authentication library, which come under various codes or none. */
const credentialsRefused =
  /Could not load the default credentials|invalid_grant|invalid_rapt|invalid_client|Could not refresh access token|unauthorized_client/i;
const projectUnknown = /Unable to detect a Project Id/i;

/**
 * Decides by code and message; every gRPC failure has an answer. The messages are those of Spanner and of its emulator,
 * as found in the official clients, Google's migration templates (DatastreamToSpannerExceptionClassifier) and by trial.
 *
 * A row at fault is the answer in doubt where a smaller commit tells more: a bisection either finds the row or succeeds.
 */
export function classifySpannerError(error: unknown): SpannerFailure {
  const code = grpcCode(error);
  const message = spannerMessage(error);
  switch (code) {
    case grpcStatus.ABORTED:
      return { kind: "retry", reason: "aborted", otherwise: "stop" };
    case grpcStatus.UNAVAILABLE:
      // grpc-js reports as UNAVAILABLE that no access token could be had.
      return credentialsRefused.test(message) ? { kind: "stop", code: "E_SPANNER_CREDENTIALS" } : unavailable;
    case grpcStatus.DEADLINE_EXCEEDED:
    case grpcStatus.CANCELLED:
      return unavailable;
    case grpcStatus.UNKNOWN:
      return tableRefused.test(message) ? { kind: "stop", code: "E_SPANNER_TABLE_REFUSED" } : unavailable;
    case grpcStatus.RESOURCE_EXHAUSTED:
      return messageTooLarge.test(message) ? rowRefused : { kind: "retry", reason: "overloaded", otherwise: "stop" };
    case grpcStatus.INTERNAL:
      return classifyInternal(message);
    case grpcStatus.NOT_FOUND:
      return classifyNotFound(message);
    case grpcStatus.ALREADY_EXISTS:
      return { kind: "row", code: "E_SPANNER_UNIQUE_INDEX" };
    case grpcStatus.INVALID_ARGUMENT:
    case grpcStatus.FAILED_PRECONDITION:
    case grpcStatus.OUT_OF_RANGE:
      return classifyRefusal(message);
    case grpcStatus.PERMISSION_DENIED:
      return { kind: "stop", code: "E_SPANNER_PERMISSION" };
    case grpcStatus.UNAUTHENTICATED:
      return { kind: "stop", code: "E_SPANNER_CREDENTIALS" };
    case grpcStatus.UNIMPLEMENTED:
      return { kind: "stop", code: "E_SPANNER_UNSUPPORTED" };
    default:
      return { kind: "stop", code: codeOfClientError(message) };
  }
}

/** DATA_LOSS, and what the client throws before it has sent anything. */
function codeOfClientError(message: string): ErrorCode {
  if (projectUnknown.test(message)) return "E_SPANNER_PROJECT_UNKNOWN";
  return credentialsRefused.test(message) ? "E_SPANNER_CREDENTIALS" : "E_SPANNER_FAILED";
}

function classifyInternal(message: string): SpannerFailure {
  // The emulator's answer to a string that is not UTF-8 in a commit.
  if (message === "") return rowRefused;
  return { kind: "retry", reason: "internal", otherwise: passingInternalErrors.test(message) ? "stop" : "row" };
}

function classifyNotFound(message: string): SpannerFailure {
  if (/^Session not found/.test(message)) return { kind: "retry", reason: "session", otherwise: "stop" };
  if (/^Transaction not found/.test(message)) return { kind: "retry", reason: "aborted", otherwise: "stop" };
  if (/^Instance not found/.test(message)) return { kind: "stop", code: "E_SPANNER_INSTANCE_NOT_FOUND" };
  if (/^Database not found/.test(message)) return { kind: "stop", code: "E_SPANNER_DATABASE_NOT_FOUND" };
  if (/^Table not found/.test(message)) return { kind: "stop", code: "E_SPANNER_TABLE_NOT_FOUND" };
  if (/^Column not found/.test(message)) return { kind: "stop", code: "E_SPANNER_COLUMN_NOT_FOUND" };
  if (/^(Parent row for row|Insert failed because key was not found in parent table)/.test(message)) {
    return { kind: "row", code: "E_SPANNER_PARENT_MISSING" };
  }
  return rowRefused;
}

function classifyRefusal(message: string): SpannerFailure {
  if (transactionOver.test(message)) return { kind: "retry", reason: "aborted", otherwise: "stop" };
  if (tableRefused.test(message)) return { kind: "stop", code: "E_SPANNER_TABLE_REFUSED" };
  if (/^Foreign key/.test(message)) return { kind: "row", code: "E_SPANNER_REFERENCE_MISSING" };
  return rowRefused;
}

/** The gRPC status code of an error, if it carries one. */
export function grpcCode(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "number" ? code : undefined;
}

/** Spanner's own words, without code and stack. */
export function spannerMessage(error: unknown): string {
  const { details, message } = (error ?? {}) as { details?: unknown; message?: unknown };
  if (typeof details === "string") return details;
  return typeof message === "string" ? message : String(error);
}

const retryInfoKey = "google.rpc.retryinfo-bin";

/**
 * How long Spanner asks to wait before the next attempt, in milliseconds: google.rpc.RetryInfo, which it sends with
 * ABORTED (https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#google.spanner.v1.Spanner.Commit).
 */
export function requestedDelay(error: unknown): number | undefined {
  const metadata = (error as { metadata?: { get?(key: string): unknown[] } } | null)?.metadata;
  const value = metadata?.get?.(retryInfoKey)[0];
  return value instanceof Uint8Array ? decodeRetryDelay(value) : undefined;
}

/** RetryInfo { retry_delay = 1: Duration { seconds = 1: int64, nanos = 2: int32 } }, both at most a few bytes long. */
function decodeRetryDelay(retryInfo: Uint8Array): number | undefined {
  if (retryInfo[0] !== 0x0a) return undefined;
  const end = 2 + (retryInfo[1] ?? 0);
  let milliseconds = 0;
  for (let position = 2; position < end; position = skipVarint(retryInfo, position + 1)) {
    const value = readVarint(retryInfo, position + 1);
    milliseconds += retryInfo[position] === 0x08 ? value * 1000 : value / 1e6;
  }
  return milliseconds;
}
