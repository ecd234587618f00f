/**
 * Some whole lines of one data file: the element of the bulk pipeline, and its unit of accounting. Every line of a block
 * counts as one item read, whatever becomes of it.
 */
export interface Block {
  /** Address of the data file. */
  readonly file: string;
  /** Number of the block's first line in its file, from 1. */
  readonly firstLine: number;
  readonly lineCount: number;
  /** The lines, each ended by one 0x0A (the file's last line too, if it had none). */
  readonly bytes: Buffer;
  /**
   * Set if the block is the beginning of one line that is longer than {@link MAX_LINE_BYTES}: the whole line's length.
   * DynamoDB writes no such line; the rest of it was read but not kept.
   */
  readonly oversizedLineBytes?: number;
  /** Set where a load keeps a record of its progress. */
  readonly mark?: BlockMark;
  /** Set on the last block of a file (which has no lines if the file has none), after every check of the file passed. */
  readonly endOfFile?: EndOfFile;
}

/** By what a record of progress knows a block again. */
export interface BlockMark {
  /** Path of the data file below the export's folder. */
  readonly name: string;
  /** CRC-32 of the file's lines, each with its newline, from the first one to the last of this block. */
  readonly checksum: number;
}

/** What was found in a data file, all of it. */
export interface EndOfFile {
  readonly lines: number;
  readonly packedBytes: number;
  /** Of the packed bytes, in base64. */
  readonly md5: string;
}

/**
 * About how many bytes of lines make a block: one commit's worth of rows, small enough that the event loop breathes
 * between blocks.
 */
export const BLOCK_BYTES = 384 * 1024;

/**
 * Longest line that is kept in memory whole. An item has at most 400 KB (Amazon DynamoDB Developer Guide, "Quotas");
 * JSON escapes make at most 6 bytes of one, so that no line of an export comes near.
 */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** How much of a longer line is kept, to show what it was. */
export const OVERSIZED_LINE_HEAD_BYTES = 64 * 1024;
