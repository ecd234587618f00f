import { MigrationError } from "../errors/migration-error";

/**
 * Longest sequence number that DynamoDB Streams gives out, in digits
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html: 21 to 40).
 * DynamoDB Local and hand-made records have shorter ones.
 */
export const SEQUENCE_NUMBER_DIGITS = 40;

/**
 * A change's `SequenceNumber` as an integer. Only integers compare rightly: "999" is older than "1000", and the length
 * of sequence numbers does vary.
 * @throws MigrationError E_CHANGE_SEQUENCE_NUMBER for anything but a string of 1 to 40 decimal digits above zero (a
 *   JSON number would have lost digits already; zero is kept for `PLACEHOLDER_SEQUENCE_NUMBER`)
 */
export function parseSequenceNumber(value: unknown): bigint {
  if (typeof value === "string" && /^[0-9]{1,40}$/.test(value)) {
    const sequenceNumber = BigInt(value);
    if (sequenceNumber > 0n) return sequenceNumber;
  }
  throw new MigrationError(
    "E_CHANGE_SEQUENCE_NUMBER",
    `dynamodb.SequenceNumber ${describe(value)}; it must be a string of 1 to ${SEQUENCE_NUMBER_DIGITS} digits`,
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return "is missing";
  if (typeof value !== "string") return `is a JSON ${typeof value}`;
  return `is no such number (${value.length} characters)`;
}

/**
 * The form in which a sequence number is stored and passed between steps: zero-padded to 40 digits, so that the order of
 * the text is the order of the integers (Spanner has no 40-digit integer, and Beam's coders do not take bigint).
 */
export function padSequenceNumber(sequenceNumber: bigint): string {
  return sequenceNumber.toString().padStart(SEQUENCE_NUMBER_DIGITS, "0");
}

/**
 * Version of a row that stands in for a parent whose item has not been seen: below every sequence number of DynamoDB, so
 * that any change of the item replaces it.
 */
export const PLACEHOLDER_SEQUENCE_NUMBER = padSequenceNumber(0n);

/** True if `left` is the later of two sequence numbers, padded or not: compared as integers. */
export function isNewer(left: string, right: string): boolean {
  return BigInt(left) > BigInt(right);
}
