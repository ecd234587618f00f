import type { ColumnType } from "./column-type";

/** One step into an item: an attribute's or map entry's name, or a list index. */
export type PathSegment = string | number;

/** Unit of a Number that holds a point in time since 1970-01-01T00:00:00Z. */
export type EpochUnit = "seconds" | "milliseconds" | "microseconds" | "nanoseconds";

/** Where a column's value comes from. */
export type ColumnSource =
  /** The attribute at `path`; with `match`, the first capture group of this regular expression on its text. */
  | { readonly kind: "attribute"; readonly path: readonly PathSegment[]; readonly match?: string }
  /** A JSON column that keeps every attribute which no other column of the table takes. */
  | { readonly kind: "otherAttributes" };

export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly source: ColumnSource;
  readonly epoch?: EpochUnit;
  /** The user permits rounding (never wrapping) in this column. */
  readonly lossy: boolean;
}

/** A test on a key attribute's text, which decides whether an item belongs to a table. */
export type Condition =
  | { readonly attribute: string; readonly equals: string }
  | { readonly attribute: string; readonly beginsWith: string }
  | { readonly attribute: string; readonly matches: string };

export interface IndexPlan {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
  readonly storing: readonly string[];
  readonly unique: boolean;
  readonly nullFiltered: boolean;
  readonly interleaveIn?: string;
}

export type OtherAttributes = "error" | "ignore" | { readonly column: string };

export interface TablePlan {
  readonly name: string;
  /** Primary-key columns first, in the key's order; then the others in the mapping's order; every row sets them all. */
  readonly columns: readonly ColumnPlan[];
  /** How many of `columns` form the primary key. */
  readonly keyLength: number;
  /** Direction of each primary-key column: true where the key sorts descending. */
  readonly keyDescending: readonly boolean[];
  /** Name of the table that this one is interleaved in. */
  readonly parent?: string;
  /**
   * Rows of lower levels are written first. 0 for a table without a parent, above its parent's otherwise; `orderTables`
   * puts it above those of the tables that its foreign keys refer to as well.
   */
  readonly level: number;
  /** All must hold; none: the table takes every item. */
  readonly when: readonly Condition[];
  readonly otherAttributes: OtherAttributes;
  readonly indexes: readonly IndexPlan[];
  readonly onDelete: "NO ACTION" | "CASCADE";
  readonly createParent: boolean;
  /** Name of the table that holds the version of each item of this table. */
  readonly versionTable: string;
}

/**
 * A mapping with every default filled in and every reference resolved: what the pipelines work from.
 * Plain data, so that a DoFn can carry it to a worker.
 */
export interface MigrationPlan {
  readonly source: { readonly table: string; readonly partitionKey: string; readonly sortKey?: string };
  /** In the mapping's order: the first table whose `when` holds takes an item. */
  readonly tables: readonly TablePlan[];
  /** What becomes of an item that no table takes. */
  readonly otherItems: "error" | "ignore";
}
