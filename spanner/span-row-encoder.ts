import { tag } from "./encoded-rows";
import { maxValueHeader, RowEncoder } from "./row-encoder";
import { varintLength } from "./varint";

/** Beyond this, a native copy is quicker than a loop. */
const longSpan = 96;

/** A {@link RowEncoder} for texts that are UTF-8 already, which is not checked: no string is made of them. */
export class SpanRowEncoder extends RowEncoder {
  /** A text that lies in `source`. */
  textSpan(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.require(length + maxValueHeader);
    const { buffer, position } = this;
    let to = position + 4;
    if (length + 2 < 0x80) {
      buffer[position] = tag.element;
      buffer[position + 1] = length + 2;
      buffer[position + 2] = tag.stringValue;
      buffer[position + 3] = length;
    } else {
      const whole = 1 + varintLength(length) + length;
      this.header(position, tag.stringValue, whole, length);
      to = position + 2 + varintLength(whole) + varintLength(length);
    }
    if (length > longSpan) buffer.set(source.subarray(start, end), to);
    else for (let at = start, index = to; at < end; at++, index++) buffer[index] = source[at] as number;
    this.position = to + length;
  }

  /** The buffer into which a caller of `reserveText` writes; another one after each call of any other method. */
  get target(): Uint8Array {
    return this.buffer;
  }

  /**
   * Makes room for a text that the caller writes itself.
   *
   * @param most bytes that it may have
   * @returns where in `target` it begins; `endText` completes it
   */
  reserveText(most: number): number {
    this.require(most + maxValueHeader);
    return this.position + textHeaderLength(most);
  }

  /**
   * @param first what `reserveText` has returned
   * @param end where the text ends in `target`
   */
  endText(first: number, end: number): void {
    const { position } = this;
    const length = end - first;
    const start = position + textHeaderLength(length);
    if (start !== first) this.buffer.copyWithin(start, first, end);
    this.header(position, tag.stringValue, 1 + varintLength(length) + length, length);
    this.position = start + length;
  }
}

/** Bytes before a text of this length. */
function textHeaderLength(length: number): number {
  const lengthBytes = varintLength(length);
  return 2 + varintLength(1 + lengthBytes + length) + lengthBytes;
}
