import { parseTimestamp } from "./date-time";
import type { RowChange } from "./row-change";
import { isNewer, PLACEHOLDER_SEQUENCE_NUMBER } from "./sequence-number";

/**
 * What is known of the newest state of an item that was applied, as two lower bounds: the item's row is at least as new
 * as the streamed change, and at least as new as the write of the incremental export.
 */
export interface ItemVersion {
  /** Of the newest streamed change, zero-padded to 40 digits; all zeros: there was none. */
  readonly sequenceNumber: string;
  /** When DynamoDB made that streamed change, RFC 3339; null: unknown, or there was none. */
  readonly changedAt: string | null;
  /** Of the newest line of an incremental export, microseconds since 1970 in decimal; null: there was none. */
  readonly writeTimestampMicros: string | null;
}

/**
 * - `newer`: made after everything that the version knows of;
 * - `older`: made before some of it, or the same change once more;
 * - `undecided`: it came by the other way than the version did, in the same second: only their times could tell, and the
 *   stream's have whole seconds.
 */
export type VersionOrder = "newer" | "older" | "undecided";

export type OrderedChange = Pick<RowChange, "sequenceNumber" | "changedAt" | "writeTimestampMicros">;

/** True if the row has been made for rows beneath it, and nothing of its own item has been seen. */
export function isStandInVersion(version: ItemVersion): boolean {
  return version.sequenceNumber === PLACEHOLDER_SEQUENCE_NUMBER && version.writeTimestampMicros === null;
}

/** True for a row of a full export, which is older than every change (it may be older than or equal to it). */
export function isExportRow(change: OrderedChange): boolean {
  return change.sequenceNumber === null && change.writeTimestampMicros === undefined;
}

/**
 * Orders a change against what was applied to its item.
 *
 * Among streamed changes the sequence numbers decide, among lines of incremental exports their microseconds. A streamed
 * change and a line meet in time only, and there by whole seconds: DynamoDB rounds ApproximateCreationDateTime down
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html).
 */
export function orderAgainst(change: OrderedChange, version: ItemVersion): VersionOrder {
  const { sequenceNumber, changedAt, writeTimestampMicros: micros } = change;
  if (sequenceNumber !== null) {
    if (!isNewer(sequenceNumber, version.sequenceNumber)) return "older";
    return version.writeTimestampMicros === null ? "newer" : compareSeconds(changedAt, version.writeTimestampMicros);
  }
  if (micros === undefined) return isStandInVersion(version) ? "newer" : "older";
  if (version.writeTimestampMicros !== null && BigInt(micros) <= BigInt(version.writeTimestampMicros)) return "older";
  if (version.sequenceNumber === PLACEHOLDER_SEQUENCE_NUMBER) return "newer";
  return opposite(compareSeconds(version.changedAt, micros));
}

/** Of two changes of one row: how the left one stands to the right one. */
export function orderOfChanges(left: OrderedChange, right: OrderedChange): VersionOrder {
  if (isExportRow(right)) return isExportRow(left) ? "older" : "newer";
  return orderAgainst(left, versionOfChange(right));
}

/** What a version knows when a change is all that was applied. */
export function versionOfChange({ sequenceNumber, changedAt, writeTimestampMicros }: OrderedChange): ItemVersion {
  return {
    sequenceNumber: sequenceNumber ?? PLACEHOLDER_SEQUENCE_NUMBER,
    changedAt: sequenceNumber === null ? null : changedAt,
    writeTimestampMicros: writeTimestampMicros ?? null,
  };
}

/** Both bounds together: neither way may fall back behind what it has brought. */
export function joinVersions(left: ItemVersion, right: ItemVersion): ItemVersion {
  const streamed = isNewer(left.sequenceNumber, right.sequenceNumber) ? left : right;
  return {
    sequenceNumber: streamed.sequenceNumber,
    changedAt: streamed.changedAt,
    writeTimestampMicros: laterMicros(left.writeTimestampMicros, right.writeTimestampMicros),
  };
}

function laterMicros(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return BigInt(left) > BigInt(right) ? left : right;
}

const MICROSECONDS_PER_SECOND = 1_000_000n;

/** How a streamed change stands to a line of an incremental export, as far as their seconds tell. */
function compareSeconds(changedAt: string | null, micros: string): VersionOrder {
  const streamed = changedAt === null ? undefined : parseTimestamp(changedAt);
  if (streamed === undefined) return "undecided";
  const exported = BigInt(micros) / MICROSECONDS_PER_SECOND;
  const second = BigInt(streamed.seconds);
  if (second === exported) return "undecided";
  return second > exported ? "newer" : "older";
}

function opposite(order: VersionOrder): VersionOrder {
  if (order === "undecided") return order;
  return order === "newer" ? "older" : "newer";
}
