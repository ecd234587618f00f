import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { type ErrorCode, errorCatalogue } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";

/** Where an item or change came from. */
export type DeadLetterSource =
  | { readonly file: string; readonly line: number }
  | { readonly messageId: string; readonly publishTime: string; readonly sequenceNumber?: string };

/** The original text, byte for byte: as text if it is UTF-8, in base64 if it is not. */
export type DeadLetterPayload = { readonly payload: string } | { readonly payloadBase64: string };

/** An item or change that could not be written, with the reason and all that is needed to try it again. */
export type DeadLetter = DeadLetterPayload & {
  readonly code: ErrorCode;
  readonly message: string;
  readonly source: DeadLetterSource;
  readonly table?: string;
  readonly attribute?: string;
  readonly column?: string;
  /** When it failed: RFC 3339, UTC. */
  readonly at: string;
  /**
   * Length of the original text, if only its beginning was kept (a line of many megabytes, which DynamoDB never writes).
   * Such a dead letter can't be replayed.
   */
  readonly wholePayloadBytes?: number;
  /** Earlier failures, the oldest first; what the dead letter itself says is the newest. */
  readonly attempts?: readonly DeadLetterAttempt[];
};

/** One time that an item or change could not be written. */
export interface DeadLetterAttempt {
  readonly code: ErrorCode;
  readonly message: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** What went wrong: a MigrationError, with the places that a ConversionError adds. */
export interface DeadLetterReason {
  readonly code: ErrorCode;
  readonly message: string;
  readonly table?: string;
  readonly attribute?: string;
  readonly column?: string;
}

/**
 * @param original the line without its newline, or the message's data
 * @param wholePayloadBytes given if `original` is only the beginning
 */
export function deadLetter(
  reason: DeadLetterReason,
  source: DeadLetterSource,
  original: Buffer,
  options: { readonly wholePayloadBytes?: number; readonly at?: Date } = {},
): DeadLetter {
  const { code, message, table, attribute, column } = reason;
  const { wholePayloadBytes, at = new Date() } = options;
  return {
    code,
    message,
    source,
    ...(table === undefined ? {} : { table }),
    ...(attribute === undefined ? {} : { attribute }),
    ...(column === undefined ? {} : { column }),
    ...(isUtf8(original) ? { payload: original.toString("utf8") } : { payloadBase64: original.toString("base64") }),
    ...(wholePayloadBytes === undefined ? {} : { wholePayloadBytes }),
    at: at.toISOString(),
  };
}

/** A dead letter that was put through again and failed again: with the new reason, and the old one in its history. */
export function failedAgain(letter: DeadLetter, reason: DeadLetterReason, at: Date): DeadLetter {
  const { code, message, table: _table, attribute: _attribute, column: _column, attempts = [], ...kept } = letter;
  return {
    ...kept,
    code: reason.code,
    message: reason.message,
    ...(reason.table === undefined ? {} : { table: reason.table }),
    ...(reason.attribute === undefined ? {} : { attribute: reason.attribute }),
    ...(reason.column === undefined ? {} : { column: reason.column }),
    at: at.toISOString(),
    attempts: [...attempts, { code, message, at: letter.at }],
  };
}

/** The original text of a dead letter, byte for byte. */
export function originalBytes(letter: DeadLetter): Buffer {
  return "payload" in letter ? Buffer.from(letter.payload, "utf8") : Buffer.from(letter.payloadBase64, "base64");
}

/** One line of a dead-letter file, without its newline: JSON never holds one. */
export function formatDeadLetter(letter: DeadLetter): string {
  return JSON.stringify(letter);
}

const errorCode = z.string().refine((code): code is ErrorCode => Object.hasOwn(errorCatalogue, code), "unknown code");

const fields = {
  code: errorCode,
  message: z.string(),
  source: z.union([
    z.strictObject({ file: z.string(), line: z.int().positive() }),
    z.strictObject({ messageId: z.string(), publishTime: z.string(), sequenceNumber: z.string().exactOptional() }),
  ]),
  table: z.string().exactOptional(),
  attribute: z.string().exactOptional(),
  column: z.string().exactOptional(),
  at: z.string(),
  wholePayloadBytes: z.int().exactOptional(),
  attempts: z.array(z.strictObject({ code: errorCode, message: z.string(), at: z.string() })).exactOptional(),
};
const deadLetterSchema: z.ZodType<DeadLetter> = z.union([
  z.strictObject({ ...fields, payload: z.string() }),
  z.strictObject({ ...fields, payloadBase64: z.base64() }),
]);

/**
 * Reads a line of a dead-letter file.
 * @param place the file and line, for the error
 * @throws MigrationError E_DEAD_LETTER_INVALID
 */
export function parseDeadLetter(line: string, place: string): DeadLetter {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new MigrationError("E_DEAD_LETTER_INVALID", `${place} is not JSON`, { cause });
  }
  const result = deadLetterSchema.safeParse(json);
  if (!result.success) {
    throw new MigrationError("E_DEAD_LETTER_INVALID", `${place} is not a dead letter`, {
      details: [z.prettifyError(result.error)],
    });
  }
  return result.data;
}
