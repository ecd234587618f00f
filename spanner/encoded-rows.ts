import { readVarint, skipVarint } from "./varint";

/**
 * Tags (field number * 8 + wire type) of the messages that make up a row. Sources: google/spanner/v1/mutation.proto
 * (`Mutation.Write.values` = 3) and google/protobuf/struct.proto (`ListValue.values` = 1; `Value.null_value` = 1,
 * `number_value` = 2, `string_value` = 3, `bool_value` = 4, `list_value` = 6).
 */
export const tag = {
  row: 0x1a,
  element: 0x0a,
  nullValue: 0x08,
  numberValue: 0x11,
  stringValue: 0x1a,
  boolValue: 0x20,
  listValue: 0x32,
} as const;

/**
 * Rows of one table as the bytes in which a commit carries them: each row is one element of `Mutation.Write.values`
 * (tag, length, `ListValue`), with the primary-key columns first. Nothing in it may be changed.
 */
export interface EncodedRows {
  readonly bytes: Buffer;
  readonly count: number;
  /** Where row `i` begins, with its tag; element `count` is where the last row ends. */
  readonly offsets: Uint32Array;
  /** Where the key columns of row `i` end, in `bytes`. */
  readonly keyEnds: Uint32Array;
  /** Line of the source file that row `i` came from; 0 where it came from none. */
  readonly lines: Float64Array;
}

export const noRows: EncodedRows = {
  bytes: Buffer.alloc(0),
  count: 0,
  offsets: new Uint32Array(1),
  keyEnds: new Uint32Array(0),
  lines: new Float64Array(0),
};

/** Position of the first column of a row, behind the row's tag and length. */
export function contentStart(rows: EncodedRows, row: number): number {
  return skipVarint(rows.bytes, (rows.offsets[row] ?? 0) + 1);
}

/** Bytes that a row takes within a commit. */
export function rowByteLength(rows: EncodedRows, row: number): number {
  return (rows.offsets[row + 1] ?? 0) - (rows.offsets[row] ?? 0);
}

/** The key columns of a row as the bytes of a `ListValue`'s content: two rows of a table with equal bytes are one row. */
export function keyBytes(rows: EncodedRows, row: number): Buffer {
  return rows.bytes.subarray(contentStart(rows, row), rows.keyEnds[row]);
}

/** Position behind the element (one column's value) that begins at `position`. */
export function elementEnd(bytes: Uint8Array, position: number): number {
  return skipVarint(bytes, position + 1) + readVarint(bytes, position + 1);
}
