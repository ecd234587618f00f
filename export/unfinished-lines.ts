import { crc32 } from "node:zlib";
import { MigrationError } from "../errors/migration-error";
import type { Block } from "./block";
import type { DataFile } from "./open-export";

const NEWLINE = 0x0a;

/**
 * Leaves out the lines that earlier runs have finished, and marks the blocks of the others. All blocks of the file are
 * to be handed in, in order. The checksum of all lines up to the end of finished ones proves that these are the lines that
 * were finished then: rows of a file that was altered meanwhile, or mended, must not stay in silence.
 *
 * @returns what a block has of unfinished lines, in order
 * @throws MigrationError E_LOAD_FILE_CHANGED
 */
export function unfinishedLines({ name, url, finished = [] }: DataFile): (block: Block) => readonly Block[] {
  let next = 0;
  let checksum = 0;
  return function unfinished(block) {
    const left: Block[] = [];
    const end = block.firstLine + block.lineCount;
    let rest = block;
    while (rest.lineCount > 0) {
      const range = finished[next];
      const border =
        range === undefined ? end : range.firstLine > rest.firstLine ? range.firstLine : range.lastLine + 1;
      const [part, behind] = splitBlock(rest, Math.min(border, end));
      checksum = crc32(part.bytes, checksum);
      if (range === undefined || part.firstLine < range.firstLine) left.push({ ...part, mark: { name, checksum } });
      else if (range.lastLine + 1 <= end) {
        if (checksum !== range.checksum) throw changed(url, range.lastLine);
        next++;
      }
      rest = behind;
    }
    return left;
  };
}

function changed(url: string, lastLine: number): MigrationError {
  return new MigrationError(
    "E_LOAD_FILE_CHANGED",
    `the first ${lastLine} lines of ${url} are not those that an earlier run of this load has read`,
  );
}

/** The lines before `line`, and those from it on. */
function splitBlock(block: Block, line: number): readonly [Block, Block] {
  const { firstLine, lineCount, bytes } = block;
  const lines = line - firstLine;
  if (lines >= lineCount)
    return [block, { file: block.file, firstLine: line, lineCount: 0, bytes: bytes.subarray(bytes.length) }];
  let offset = 0;
  for (let count = 0; count < lines; count++) offset = bytes.indexOf(NEWLINE, offset) + 1;
  return [
    { ...block, lineCount: lines, bytes: bytes.subarray(0, offset) },
    { ...block, firstLine: line, lineCount: lineCount - lines, bytes: bytes.subarray(offset) },
  ];
}
