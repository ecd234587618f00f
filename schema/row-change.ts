import type { ItemVersion } from "./version-order";
import type { WireValue } from "./wire-value";

/** The values of a row's primary key, in the key's order. */
export type RowKey = readonly WireValue[];

/** A row by its place: which of the plan's tables, and which key. */
export interface RowReference {
  /** Index in `MigrationPlan.tables`. */
  readonly table: number;
  readonly key: RowKey;
}

/**
 * What is to become of one row, as plain data (Beam's coders carry neither bigint nor undefined).
 *
 * A streamed change has the sequence number of its DynamoDB record, a line of an incremental export the time of its
 * write. A row of a full export has neither: it is older than or equal to whatever the stream has or will have for its
 * item, so it may only fill a row that has no version.
 */
export interface RowChange extends RowReference {
  /** Values of all the table's columns in the plan's order; null: the item was deleted. */
  readonly row: readonly WireValue[] | null;
  /** Zero-padded (`padSequenceNumber`); null: of an export. */
  readonly sequenceNumber: string | null;
  /** When DynamoDB made the change, RFC 3339; null: unknown. */
  readonly changedAt: string | null;
  /** `WriteTimestampMicros` of a line of an incremental export, in decimal; absent for everything else. */
  readonly writeTimestampMicros?: string;
  /**
   * Present if `row` is what the source held at a consistent read made after this version had been seen: then it is at
   * least as new as that version, whatever the times say.
   */
  readonly readAfter?: ItemVersion & { readonly deleted: boolean };
}
