import type { Block } from "../export/block";

const NEWLINE = 0x0a;

/**
 * Calls `visit` for each line of a block with where it begins and ends in `block.bytes` (without its newline) and its
 * number in the file.
 */
export function forEachLine(
  { bytes, firstLine }: Pick<Block, "bytes" | "firstLine">,
  visit: (start: number, end: number, line: number) => void,
): void {
  let line = firstLine;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    visit(start, end, line);
    start = end + 1;
  }
}

/** The text of one line of a block, byte for byte, without its newline. */
export function lineBytes(block: Pick<Block, "bytes" | "firstLine">, line: number): Buffer {
  let start = 0;
  for (let current = block.firstLine; current < line; current++) {
    const newline = block.bytes.indexOf(NEWLINE, start);
    if (newline === -1) throw new RangeError(`line ${line} is not in the block that begins with ${block.firstLine}`);
    start = newline + 1;
  }
  const newline = block.bytes.indexOf(NEWLINE, start);
  return block.bytes.subarray(start, newline === -1 ? block.bytes.length : newline);
}
