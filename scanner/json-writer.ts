import { literalLength, Tag, tagAt, tagLength } from "./attribute-tag";
import { base64Length } from "./base64-span";
import { decimalShape, isPlainJsonNumber } from "./decimal-span";
import { MapNames } from "./map-names";
import { SetSpans } from "./set-spans";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Deeper nesting is left to the slow path; DynamoDB ends at 32. */
const MAX_DEPTH = 24;

/** The escapes that JSON.stringify writes; `\/` and `\u` it would write otherwise. */
const sameEscapes = new Uint8Array(256);
for (const letter of '"\\bfnrt') sameEscapes[letter.charCodeAt(0)] = 1;

/**
 * Writes an attribute's content as the plain JSON that `jsonText` makes of it. It is never longer than in DynamoDB's
 * JSON: what is left out is the types.
 */
export class JsonWriter {
  private readonly spans = new SetSpans();
  private readonly names = new MapNames();
  private bytes: Uint8Array = Buffer.alloc(0);
  private target: Uint8Array = this.bytes;
  /** What is read next, and where is written next. */
  private at = 0;
  private to = 0;

  /** @param isPostgresql jsonb keeps every number as it is */
  constructor(private readonly isPostgresql: boolean) {}

  /**
   * @param at where the content begins, of a String with its quote
   * @param end behind the content
   * @param target has room for all of it from `to` on
   * @returns where the JSON ends in `target`; -1 for anything unusual
   */
  write(bytes: Uint8Array, tag: Tag, at: number, end: number, target: Uint8Array, to: number): number {
    this.bytes = bytes;
    this.target = target;
    this.at = at;
    this.to = to;
    this.names.clear();
    return this.content(tag, 0) && this.at === end ? this.to : -1;
  }

  private content(tag: Tag, depth: number): boolean {
    switch (tag) {
      case Tag.string:
        return this.text();
      case Tag.number:
        return this.number();
      case Tag.binary:
        return this.binary();
      case Tag.bool:
      case Tag.null:
        return this.literal(tag);
      case Tag.map:
        return this.map(depth);
      case Tag.list:
        return this.list(depth);
      default:
        return this.set(tag);
    }
  }

  private value(depth: number): boolean {
    const { bytes, at } = this;
    if (bytes[at] !== OPEN_BRACE || bytes[at + 1] !== QUOTE) return false;
    const tag = tagAt(bytes, at + 2);
    if (tag === Tag.absent) return false;
    this.at = at + 2 + tagLength(tag);
    if (!this.content(tag, depth) || bytes[this.at] !== CLOSE_BRACE) return false;
    this.at++;
    return true;
  }

  private map(depth: number): boolean {
    const { bytes, target } = this;
    if (depth === MAX_DEPTH || bytes[this.at] !== OPEN_BRACE) return false;
    target[this.to++] = OPEN_BRACE;
    this.at++;
    const mark = this.names.begin();
    if (bytes[this.at] !== CLOSE_BRACE) {
      for (;;) {
        const name = this.at + 1;
        if (!this.text() || !this.names.add(bytes, name, this.at - 1) || bytes[this.at] !== COLON) return false;
        target[this.to++] = COLON;
        this.at++;
        if (!this.value(depth + 1)) return false;
        if (bytes[this.at] === CLOSE_BRACE) break;
        if (bytes[this.at] !== COMMA) return false;
        target[this.to++] = COMMA;
        this.at++;
      }
    }
    this.names.end(mark);
    target[this.to++] = CLOSE_BRACE;
    this.at++;
    return true;
  }

  private list(depth: number): boolean {
    const { bytes, target } = this;
    if (depth === MAX_DEPTH || bytes[this.at] !== OPEN_BRACKET) return false;
    target[this.to++] = OPEN_BRACKET;
    this.at++;
    if (bytes[this.at] !== CLOSE_BRACKET) {
      for (;;) {
        if (!this.value(depth + 1)) return false;
        if (bytes[this.at] === CLOSE_BRACKET) break;
        if (bytes[this.at] !== COMMA) return false;
        target[this.to++] = COMMA;
        this.at++;
      }
    }
    target[this.to++] = CLOSE_BRACKET;
    this.at++;
    return true;
  }

  /** A string with its quotes. */
  private text(): boolean {
    const { bytes, target } = this;
    let { at, to } = this;
    if (bytes[at] !== QUOTE) return false;
    target[to++] = QUOTE;
    for (;;) {
      const byte = bytes[++at] as number;
      target[to++] = byte;
      if (byte === QUOTE) break;
      if (byte < SPACE) return false;
      if (byte === BACKSLASH) {
        const letter = bytes[++at] as number;
        if (sameEscapes[letter] === 0) return false;
        target[to++] = letter;
      }
    }
    this.at = at + 1;
    this.to = to;
    return true;
  }

  /** Where a text without escapes ends that begins behind the quote at `at`; 0 if there is none. */
  private plainEnd(): number {
    const { bytes, at } = this;
    if (bytes[at] !== QUOTE) return 0;
    let end = at + 1;
    let byte = bytes[end] as number;
    while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++end] as number;
    return byte === QUOTE ? end : 0;
  }

  private number(): boolean {
    const { bytes, at } = this;
    const end = this.plainEnd();
    if (end === 0 || !this.isPlainNumber(at + 1, end)) return false;
    this.copy(bytes, at + 1, end);
    this.at = end + 1;
    return true;
  }

  private isPlainNumber(start: number, end: number): boolean {
    const shape = decimalShape(this.bytes, start, end);
    return shape !== -1 && (this.isPostgresql || isPlainJsonNumber(this.bytes, start, shape));
  }

  private binary(): boolean {
    const { bytes, at } = this;
    const end = this.plainEnd();
    if (end === 0 || base64Length(bytes, at + 1, end) === -1) return false;
    this.copy(bytes, at, end + 1);
    this.at = end + 1;
    return true;
  }

  private literal(tag: Tag): boolean {
    const { bytes, at, target } = this;
    const length = literalLength(bytes, at, tag);
    if (length === 0) return false;
    if (tag === Tag.bool) this.copy(bytes, at, at + length);
    else {
      target[this.to] = 0x6e;
      target[this.to + 1] = 0x75;
      target[this.to + 2] = target[this.to + 3] = 0x6c;
      this.to += 4;
    }
    this.at = at + length;
    return true;
  }

  private set(tag: Tag): boolean {
    const { bytes, target, spans } = this;
    const next = spans.read(bytes, tag, this.at);
    if (next === 0) return false;
    const quotes = tag === Tag.numberSet ? 0 : 1;
    target[this.to++] = OPEN_BRACKET;
    for (let index = 0; index < spans.count; index++) {
      const start = spans.starts[index] as number;
      const end = spans.ends[index] as number;
      if (quotes === 0 && !this.isPlainNumber(start, end)) return false;
      if (index > 0) target[this.to++] = COMMA;
      this.copy(bytes, start - quotes, end + quotes);
    }
    target[this.to++] = CLOSE_BRACKET;
    this.at = next;
    return true;
  }

  private copy(bytes: Uint8Array, start: number, end: number): void {
    const { target } = this;
    let { to } = this;
    for (let at = start; at < end; at++) target[to++] = bytes[at] as number;
    this.to = to;
  }
}
