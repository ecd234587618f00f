import { MigrationError } from "../errors/migration-error";
import { isWellFormed } from "../schema/unicode-text";
import type { WireValue } from "../schema/wire-value";
import { type EncodedRows, tag } from "./encoded-rows";
import { varintLength, writeVarint } from "./varint";

const initialBytes = 1 << 16;
const initialRows = 1024;
/** What very long rows have needed is not kept. */
const keptBytes = 1 << 21;

/** UTF-8 takes at most this many bytes for one UTF-16 code unit. */
const maxBytesPerCodeUnit = 3;

/**
 * Strings below this length take one length byte whatever they hold (41 * 3 + 2 < 128), and a loop over their
 * characters is quicker than a call of the native encoder.
 */
const shortStringLimit = 42;

/** Tag, two lengths of up to five bytes, tag. */
export const maxValueHeader = 12;

/**
 * Collects the rows of one table as bytes, without an object for each row or value.
 *
 * `appendRow` is the usual way. The methods from `beginRow` on are for a caller that has no values, only their text
 * (see `SpanRowEncoder`).
 * One encoder serves many blocks: `finish` hands out what was collected and starts anew.
 */
export class RowEncoder {
  protected buffer = Buffer.allocUnsafeSlow(initialBytes);
  protected position = 0;
  private rows = 0;
  private offsets = new Uint32Array(initialRows + 1);
  private keyEnds = new Uint32Array(initialRows);
  private lines = new Float64Array(initialRows);
  /** Bytes kept free for a row's length: that of the row before, as rows of one table resemble each other. */
  private lengthBytes = 1;

  /** @param keyLength how many of the first columns form the primary key */
  constructor(private readonly keyLength: number) {}

  /** Rows collected since the last `finish`. */
  get count(): number {
    return this.rows;
  }

  /** Bytes collected since the last `finish`. */
  get byteLength(): number {
    return this.position;
  }

  /**
   * @param values one for each column, key columns first
   * @param line of the source file; 0 if there is none
   * @throws MigrationError E_INTERNAL for a value that is not well-formed; the row is not kept
   */
  appendRow(values: readonly WireValue[], line: number): void {
    const { keyLength } = this;
    this.beginRow();
    for (let index = 0; index < values.length; index++) {
      this.value(values[index] as WireValue);
      if (index + 1 === keyLength) this.endKey();
    }
    this.endRow(line);
  }

  /** Starts a row; what an unfinished row before it has left is dropped. */
  beginRow(): void {
    const start = this.offsets[this.rows] ?? 0;
    if (start + 16 > this.buffer.length) this.grow(start, 16);
    this.position = start + 1 + this.lengthBytes;
  }

  /** Marks that the key columns are complete. */
  endKey(): void {
    this.keyEnds[this.rows] = this.position;
  }

  endRow(line: number): void {
    const { rows } = this;
    const start = this.offsets[rows] ?? 0;
    const reserved = this.lengthBytes;
    const content = this.position - (start + 1 + reserved);
    const needed = varintLength(content);
    if (needed !== reserved) {
      this.require(needed);
      this.buffer.copyWithin(start + 1 + needed, start + 1 + reserved, this.position);
      this.position += needed - reserved;
      this.keyEnds[rows] = (this.keyEnds[rows] ?? 0) + needed - reserved;
      this.lengthBytes = needed;
    }
    this.buffer[start] = tag.row;
    writeVarint(this.buffer, start + 1, content);
    this.lines[rows] = line;
    this.rows = rows + 1;
    if (this.rows === this.keyEnds.length) this.growRows();
    this.offsets[this.rows] = this.position;
  }

  /** Forgets the row that was begun. */
  abandonRow(): void {
    this.position = this.offsets[this.rows] ?? 0;
  }

  value(value: WireValue): void {
    if (typeof value === "string") this.text(value);
    else if (value === null) this.nullValue();
    else if (typeof value === "boolean") this.bool(value);
    else if (typeof value === "number") this.number(value);
    else this.list(value);
  }

  nullValue(): void {
    this.small(tag.nullValue, 0);
  }

  bool(value: boolean): void {
    this.small(tag.boolValue, value ? 1 : 0);
  }

  /** A finite double; "NaN" and the infinities travel as text (google/spanner/v1/type.proto, `FLOAT64`). */
  number(value: number): void {
    if (!Number.isFinite(value)) {
      this.text(String(value));
      return;
    }
    this.require(11);
    const at = this.position;
    this.buffer[at] = tag.element;
    this.buffer[at + 1] = 9;
    this.buffer[at + 2] = tag.numberValue;
    this.position = this.buffer.writeDoubleLE(value, at + 3);
  }

  list(values: readonly WireValue[]): void {
    const start = this.beginList();
    for (const value of values) this.value(value);
    this.endList(start);
  }

  /** @returns what `endList` needs */
  beginList(): number {
    this.require(maxValueHeader);
    const start = this.position;
    // Room for the shortest header: tag, length, tag, length.
    this.position = start + 4;
    return start;
  }

  endList(start: number): void {
    const content = this.position - (start + 4);
    const contentLength = varintLength(content);
    const whole = 1 + contentLength + content;
    const extra = contentLength + varintLength(whole) - 2;
    if (extra > 0) {
      this.require(extra);
      this.buffer.copyWithin(start + 4 + extra, start + 4, start + 4 + content);
      this.position += extra;
    }
    this.header(start, tag.listValue, whole, content);
  }

  text(value: string): void {
    const { length } = value;
    this.require(length * maxBytesPerCodeUnit + maxValueHeader);
    if (length < shortStringLimit) this.shortText(value, length);
    else this.longText(value, length);
  }

  /**
   * Hands out the rows collected so far, in memory of their own; the encoder is empty afterwards.
   *
   * @param allocate gives that memory
   */
  finish(allocate: (bytes: number) => Buffer = Buffer.allocUnsafeSlow): EncodedRows {
    const { rows } = this;
    const end = this.offsets[rows] ?? 0;
    const bytes = allocate(end);
    this.buffer.copy(bytes, 0, 0, end);
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.rows = 0;
    this.position = 0;
    return {
      bytes,
      count: rows,
      offsets: this.offsets.slice(0, rows + 1),
      keyEnds: this.keyEnds.slice(0, rows),
      lines: this.lines.slice(0, rows),
    };
  }

  private shortText(value: string, length: number): void {
    const { buffer, position } = this;
    const start = position + 4;
    let index = 0;
    for (; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) break;
      buffer[start + index] = code;
    }
    const written = index < length ? this.writeUtf8(value, start) : length;
    buffer[position] = tag.element;
    buffer[position + 1] = written + 2;
    buffer[position + 2] = tag.stringValue;
    buffer[position + 3] = written;
    this.position = start + written;
  }

  private longText(value: string, length: number): void {
    const { position } = this;
    // The lengths are those of ASCII text until the text is written.
    const guessed = position + 2 + varintLength(1 + varintLength(length) + length) + varintLength(length);
    const written = this.writeUtf8(value, guessed);
    const whole = 1 + varintLength(written) + written;
    const start = position + 2 + varintLength(whole) + varintLength(written);
    if (start !== guessed) this.buffer.copyWithin(start, guessed, guessed + written);
    this.header(position, tag.stringValue, whole, written);
    this.position = start + written;
  }

  private writeUtf8(value: string, position: number): number {
    const written = this.buffer.write(value, position, "utf8");
    // UTF-8 has no form for a lone surrogate: the encoder would write U+FFFD in its place, a silent change of data.
    if (written !== value.length && !isWellFormed(value)) {
      throw new MigrationError("E_INTERNAL", "A string with a lone surrogate has come as far as the encoder of rows");
    }
    return written;
  }

  /** Element tag, length of the value, the value's tag, length of its content. */
  protected header(position: number, valueTag: number, whole: number, content: number): void {
    const { buffer } = this;
    buffer[position] = tag.element;
    const at = writeVarint(buffer, position + 1, whole);
    buffer[at] = valueTag;
    writeVarint(buffer, at + 1, content);
  }

  private small(valueTag: number, content: number): void {
    this.require(4);
    const { buffer, position } = this;
    buffer[position] = tag.element;
    buffer[position + 1] = 2;
    buffer[position + 2] = valueTag;
    buffer[position + 3] = content;
    this.position = position + 4;
  }

  protected require(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.grow(this.position, bytes);
  }

  private grow(used: number, bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, used + bytes + initialBytes));
    this.buffer.copy(larger, 0, 0, used);
    this.buffer = larger;
  }

  private growRows(): void {
    const rows = this.keyEnds.length * 2;
    this.offsets = copyOf(this.offsets, new Uint32Array(rows + 1));
    this.keyEnds = copyOf(this.keyEnds, new Uint32Array(rows));
    this.lines = copyOf(this.lines, new Float64Array(rows));
  }
}

function copyOf<Numbers extends Uint32Array | Float64Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
