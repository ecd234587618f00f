/**
 * DynamoDB's types as numbers, and how they stand in a line. Only what the scanner knows is here; any other type is left
 * to the slow path.
 */
export const Tag = {
  absent: 0,
  string: 1,
  /** A String with a backslash in it. */
  escapedString: 2,
  number: 3,
  binary: 4,
  bool: 5,
  null: 6,
  map: 7,
  list: 8,
  stringSet: 9,
  numberSet: 10,
  binarySet: 11,
} as const;

export type Tag = (typeof Tag)[keyof typeof Tag];

const QUOTE = 0x22;
const COLON = 0x3a;
const B = 0x42;
const L = 0x4c;
const M = 0x4d;
const N = 0x4e;
const S = 0x53;

/**
 * The type whose name begins at `at`, behind its quote, if a quote and a colon follow it; `Tag.absent` if it is none.
 *
 * @param bytes has a newline behind the line, so that no comparison reads beyond it
 */
export function tagAt(bytes: Uint8Array, at: number): Tag {
  const first = bytes[at];
  if (bytes[at + 1] === QUOTE) {
    if (bytes[at + 2] !== COLON) return Tag.absent;
    switch (first) {
      case S:
        return Tag.string;
      case N:
        return Tag.number;
      case B:
        return Tag.binary;
      case M:
        return Tag.map;
      case L:
        return Tag.list;
      default:
        return Tag.absent;
    }
  }
  if (bytes[at + 1] === S && bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
    return first === S ? Tag.stringSet : first === N ? Tag.numberSet : first === B ? Tag.binarySet : Tag.absent;
  }
  if (bytes[at + 4] !== QUOTE || bytes[at + 5] !== COLON) return Tag.absent;
  if (first === B && isWord(bytes, at + 1, 0x4f, 0x4f, L)) return Tag.bool;
  return first === N && isWord(bytes, at + 1, 0x55, L, L) ? Tag.null : Tag.absent;
}

/** How many bytes the type's name takes, with its closing quote and the colon. */
export function tagLength(tag: Tag): number {
  return tag >= Tag.stringSet ? 4 : tag === Tag.bool || tag === Tag.null ? 6 : 3;
}

/** Length of `true` or, where that may stand, `false` at `at`; 0 if neither stands there. */
export function literalLength(bytes: Uint8Array, at: number, tag: Tag): number {
  if (bytes[at] === 0x74 && isWord(bytes, at + 1, 0x72, 0x75, 0x65)) return 4;
  if (tag !== Tag.bool || bytes[at] !== 0x66) return 0;
  return bytes[at + 1] === 0x61 && isWord(bytes, at + 2, 0x6c, 0x73, 0x65) ? 5 : 0;
}

function isWord(bytes: Uint8Array, at: number, first: number, second: number, third: number): boolean {
  return bytes[at] === first && bytes[at + 1] === second && bytes[at + 2] === third;
}
