import { Tag } from "./attribute-tag";
import { JsonWriter } from "./json-writer";
import type { SpanEncoder } from "./span-encoder";

/**
 * As `compileJsonConverter`. Its limits on a document's size need no check: the scanner takes no line that is as long
 * (`MAX_LINE_BYTES`), and a document is shorter than its line.
 */
export function compileJsonEncoder(isPostgresql: boolean): SpanEncoder {
  const writer = new JsonWriter(isPostgresql);

  return function encodeJson(rows, bytes, tag, start, end) {
    const isText = tag <= Tag.binary;
    const from = isText ? start - 1 : start;
    const to = isText ? end + 1 : end;
    const first = rows.reserveText(to - from);
    const written = writer.write(bytes, tag === Tag.escapedString ? Tag.string : tag, from, to, rows.target, first);
    if (written === -1) return false;
    rows.endText(first, written);
    return true;
  };
}
