import { literalLength, Tag, tagAt, tagLength } from "./attribute-tag";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Finds where an attribute's value lies, without looking at more of it than that needs. All positions are within one
 * line: the newline behind it ends every loop, since no control character may stand in a line as it is.
 */
export class AttributeCursor {
  tag: Tag = Tag.absent;
  /**
   * Where the content begins and ends: of a String, Number and Binary between its quotes, of everything else with its
   * brackets.
   */
  start = 0;
  end = 0;
  /** The position behind the attribute. */
  next = 0;

  /** Reads `{"S":"text"}` and the like; false if anything unusual stands there, such as a blank. */
  read(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] !== OPEN_BRACE || bytes[at + 1] !== QUOTE) return false;
    const tag = tagAt(bytes, at + 2);
    if (tag === Tag.absent) return false;
    const content = at + 2 + tagLength(tag);
    this.tag = tag;
    const end =
      tag <= Tag.binary
        ? this.readText(bytes, content)
        : tag <= Tag.null
          ? this.readLiteral(bytes, content)
          : this.skipNested(bytes, content);
    if (end === 0 || bytes[end] !== CLOSE_BRACE) return false;
    this.next = end + 1;
    return true;
  }

  /** The position behind the closing quote; 0 if it can't be told. */
  private readText(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== QUOTE) return 0;
    let position = at + 1;
    let byte = bytes[position] as number;
    while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++position] as number;
    if (byte === BACKSLASH) {
      if (this.tag !== Tag.string) return 0;
      this.tag = Tag.escapedString;
      position = stringEnd(bytes, position) - 1;
    } else if (byte !== QUOTE) return 0;
    this.start = at + 1;
    this.end = position;
    return position + 1;
  }

  private readLiteral(bytes: Uint8Array, at: number): number {
    const length = literalLength(bytes, at, this.tag);
    if (length === 0) return 0;
    this.start = at;
    this.end = at + length;
    return this.end;
  }

  /** What is between the brackets is left to whoever reads it. */
  private skipNested(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== (this.tag === Tag.map ? OPEN_BRACE : OPEN_BRACKET)) return 0;
    let depth = 1;
    let position = at + 1;
    while (depth > 0) {
      const byte = bytes[position] as number;
      if (byte === QUOTE) {
        position = stringEnd(bytes, position + 1);
        if (position === 0) return 0;
        continue;
      }
      if (byte < SPACE) return 0;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
      position++;
    }
    this.start = at;
    this.end = position;
    return position;
  }
}

/**
 * The position behind the closing quote of the string in which `at` lies; 0 if the line ends before it. Its escapes are
 * not checked.
 */
function stringEnd(bytes: Uint8Array, at: number): number {
  let position = at;
  for (;;) {
    const byte = bytes[position] as number;
    if (byte === QUOTE) return position + 1;
    if (byte < SPACE) return 0;
    // An escaped newline is none: the line ends there.
    if (byte === BACKSLASH && (bytes[++position] as number) < SPACE) return 0;
    position++;
  }
}
