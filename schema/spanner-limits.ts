/** Spanner's limits on schemas and commits. Source: https://cloud.google.com/spanner/quotas */
export const MAX_IDENTIFIER_LENGTH = 128;
export const MAX_COLUMNS_PER_TABLE = 1_024;
/** Includes the key columns shared with a parent table. */
export const MAX_KEY_COLUMNS = 16;
/** Indexed columns plus the primary-key columns of the table that are not among them. */
export const MAX_INDEX_KEY_COLUMNS = 16;
export const MAX_INDEXES_PER_TABLE = 128;
export const MAX_TABLES_PER_DATABASE = 5_000;
/** Tables in one chain of parents and children, as the emulator counts; Spanner's own wording allows one more. */
export const MAX_INTERLEAVED_TABLES = 7;

/**
 * PostgreSQL cuts longer names off (NAMEDATALEN), so two long names may become one.
 * Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS; seen in the emulator.
 */
export const MAX_POSTGRESQL_IDENTIFIER_LENGTH = 63;
