import type { Dialect } from "./column-type";

/** A database's tables as `information_schema` tells them; what a mapping is compared with. */
export interface LiveSchema {
  readonly dialect: Dialect;
  readonly tables: readonly LiveTable[];
}

export interface LiveTable {
  readonly name: string;
  /** A view or other relation that can't be written to. */
  readonly isView: boolean;
  readonly parent?: string;
  /** Of interleaved tables; absent where Spanner tells none (INTERLEAVE IN without PARENT). */
  readonly onDelete?: "NO ACTION" | "CASCADE";
  /** In the table's own order. */
  readonly columns: readonly LiveColumn[];
  readonly primaryKey: readonly LiveKeyColumn[];
  readonly indexes: readonly LiveIndex[];
  /** Tables that its foreign keys refer to, as far as Spanner enforces them; absent: none. */
  readonly references?: readonly string[];
  /** As Spanner writes it, such as `OLDER_THAN(DeletedAt, INTERVAL 30 DAY)` or `INTERVAL '30 days' ON "DeletedAt"`. */
  readonly rowDeletionPolicy?: string;
}

export interface LiveColumn {
  readonly name: string;
  /** As the dialect spells it: `STRING(64)`, `character varying(64)`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
  readonly allowsCommitTimestamp: boolean;
}

export interface LiveKeyColumn {
  readonly name: string;
  readonly descending: boolean;
}

/** A secondary index, also those that Spanner makes by itself for foreign keys. */
export interface LiveIndex {
  readonly name: string;
  readonly columns: readonly LiveKeyColumn[];
  readonly storing: readonly string[];
  readonly isUnique: boolean;
  readonly isNullFiltered: boolean;
  readonly parent?: string;
  /** READ_WRITE once it is built. */
  readonly state?: string;
}
