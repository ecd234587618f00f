import type { WireValue } from "../schema/wire-value";
import { contentStart, type EncodedRows, elementEnd, tag } from "./encoded-rows";
import { readVarint, skipVarint } from "./varint";

/** The values of a row, as they were given to the encoder. */
export function decodeRow(rows: EncodedRows, row: number): readonly WireValue[] {
  return decodeElements(rows.bytes, contentStart(rows, row), rows.offsets[row + 1] ?? 0);
}

/** The values of a row's key columns. */
export function decodeKey(rows: EncodedRows, row: number): readonly WireValue[] {
  return decodeElements(rows.bytes, contentStart(rows, row), rows.keyEnds[row] ?? 0);
}

function decodeElements(bytes: Buffer, start: number, end: number): readonly WireValue[] {
  const values: WireValue[] = [];
  for (let position = start; position < end; position = elementEnd(bytes, position)) {
    values.push(decodeValue(bytes, skipVarint(bytes, position + 1)));
  }
  return values;
}

function decodeValue(bytes: Buffer, position: number): WireValue {
  switch (bytes[position]) {
    case tag.nullValue:
      return null;
    case tag.boolValue:
      return bytes[position + 1] === 1;
    case tag.numberValue:
      return bytes.readDoubleLE(position + 1);
    case tag.stringValue: {
      const start = skipVarint(bytes, position + 1);
      return bytes.toString("utf8", start, start + readVarint(bytes, position + 1));
    }
    default: {
      const start = skipVarint(bytes, position + 1);
      return decodeElements(bytes, start, start + readVarint(bytes, position + 1));
    }
  }
}
