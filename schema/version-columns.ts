/**
 * Columns that a version table has beside the primary-key columns of its target table.
 */
/** STRING(40), the sequence number of the newest streamed change applied, zero-padded; all zeros: none. */
export const SEQUENCE_NUMBER_COLUMN = "SequenceNumber";
/** TIMESTAMP, when DynamoDB made that change (whole seconds; NULL: unknown). */
export const CHANGED_AT_COLUMN = "ChangedAt";
/** INT64, microseconds since 1970: the write of the newest line of an incremental export that was applied (NULL: none). */
export const WRITE_TIMESTAMP_COLUMN = "WriteTimestampMicros";
/** BOOL, true for a tombstone. */
export const DELETED_COLUMN = "Deleted";
/** TIMESTAMP, commit time of the transaction that applied the change. */
export const APPLIED_AT_COLUMN = "AppliedAt";
/** TIMESTAMP, commit time; set only on tombstones that may be forgotten: the row deletion policy counts from it. */
export const TOMBSTONE_AT_COLUMN = "TombstoneAt";
