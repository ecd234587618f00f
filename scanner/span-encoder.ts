import type { SpanRowEncoder } from "../spanner/span-row-encoder";
import type { Tag } from "./attribute-tag";

/**
 * Appends a column's value to a row, from where its attribute lies in a line; see `AttributeCursor` for `start` and `end`.
 *
 * @returns false if this value is anything unusual: what was appended is then worth nothing, and the slow path decides.
 *   True only if the slow path would append the same bytes.
 */
export type SpanEncoder = (rows: SpanRowEncoder, bytes: Buffer, tag: Tag, start: number, end: number) => boolean;
