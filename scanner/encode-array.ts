import type { SpanRowEncoder } from "../spanner/span-row-encoder";
import { AttributeCursor } from "./attribute-cursor";
import { Tag } from "./attribute-tag";
import { SetSpans } from "./set-spans";
import type { SpanEncoder } from "./span-encoder";

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The type of a set's elements. */
const ELEMENT_TAGS: Readonly<Partial<Record<Tag, Tag>>> = {
  [Tag.stringSet]: Tag.string,
  [Tag.numberSet]: Tag.number,
  [Tag.binarySet]: Tag.binary,
};

/** As `compileArrayConverter`: a List in its order, a set sorted. */
export function compileArrayEncoder(encodeElement: SpanEncoder): SpanEncoder {
  const spans = new SetSpans();
  const cursor = new AttributeCursor();

  function encodeSet(rows: SpanRowEncoder, bytes: Buffer, tag: Tag, element: Tag, start: number, end: number): boolean {
    if (spans.read(bytes, tag, start) !== end) return false;
    const list = rows.beginList();
    for (let index = 0; index < spans.count; index++) {
      if (!encodeElement(rows, bytes, element, spans.starts[index] as number, spans.ends[index] as number))
        return false;
    }
    rows.endList(list);
    return true;
  }

  function encodeList(rows: SpanRowEncoder, bytes: Buffer, start: number, end: number): boolean {
    const list = rows.beginList();
    let at = start + 1;
    if (bytes[at] !== CLOSE_BRACKET) {
      for (;;) {
        if (!cursor.read(bytes, at)) return false;
        const { tag, next } = cursor;
        if (tag === Tag.null) rows.nullValue();
        else if (!encodeElement(rows, bytes, tag, cursor.start, cursor.end)) return false;
        at = next;
        if (bytes[at] === CLOSE_BRACKET) break;
        if (bytes[at] !== COMMA) return false;
        at++;
      }
    }
    if (at + 1 !== end) return false;
    rows.endList(list);
    return true;
  }

  return function encodeArray(rows, bytes, tag, start, end) {
    if (tag === Tag.list) return bytes[start] === OPEN_BRACKET && encodeList(rows, bytes, start, end);
    const element = ELEMENT_TAGS[tag];
    return element !== undefined && encodeSet(rows, bytes, tag, element, start, end);
  };
}
