import type { FinishedPart } from "../schema/load-progress";
import type { BlockOutcome } from "./finish-blocks";

/**
 * Blocks that follow one another in their file, as one part each time; blocks that no record is kept of are left out.
 * @param blocks each at most once, in any order
 */
export function finishedParts(level: number, blocks: readonly BlockOutcome[]): readonly FinishedPart[] {
  const parts: FinishedPart[] = [];
  for (const block of blocks.toSorted(byPlace)) {
    const part = partOf(level, block);
    const before = parts.at(-1);
    if (part === undefined) continue;
    if (before !== undefined && before.file === part.file && before.firstLine + before.lines === part.firstLine) {
      parts[parts.length - 1] = joined(before, part);
    } else parts.push(part);
  }
  return parts;
}

function byPlace(left: BlockOutcome, right: BlockOutcome): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.firstLine - right.firstLine;
}

function partOf(level: number, block: BlockOutcome): FinishedPart | undefined {
  const { mark, firstLine, lineCount, written, stale, filtered, letters, endOfFile } = block;
  if (mark === undefined) return undefined;
  return {
    level,
    file: mark.name,
    firstLine,
    lines: lineCount,
    written,
    stale,
    filtered,
    deadLettered: letters.length,
    checksum: lineCount === 0 ? null : mark.checksum,
    md5: endOfFile?.lines === firstLine + lineCount - 1 ? endOfFile.md5 : null,
  };
}

function joined(before: FinishedPart, part: FinishedPart): FinishedPart {
  return {
    ...before,
    lines: before.lines + part.lines,
    written: before.written + part.written,
    stale: before.stale + part.stale,
    filtered: before.filtered + part.filtered,
    deadLettered: before.deadLettered + part.deadLettered,
    checksum: part.checksum ?? before.checksum,
    md5: part.md5,
  };
}
