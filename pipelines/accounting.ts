import type { FileCounts } from "../transforms/ledger";
import { counted } from "./counted";

export interface FileAccount {
  readonly file: string;
  /** Items that the manifest says the file holds; undefined without a manifest. */
  readonly expected: number | undefined;
  readonly counts: Readonly<FileCounts>;
}

/**
 * The accounting identity: for each file and in all, `read = written + stale + filtered + dead-lettered`, and
 * `read = itemCount` of the manifest.
 * @returns one sentence for each side that is short; none when everything adds up.
 */
export function accountingGaps(files: readonly FileAccount[], expectedTotal: number | undefined): string[] {
  const gaps: string[] = [];
  let read = 0;
  for (const { file, expected, counts } of files) {
    read += counts.read;
    if (expected !== undefined && counts.read !== expected) {
      gaps.push(`${file}: the manifest says ${counted(expected, "item")}, ${counted(counts.read, "item")} were read`);
    }
    const ended = counts.written + counts.stale + counts.filtered + counts.deadLettered;
    if (ended !== counts.read) {
      const difference =
        ended < counts.read
          ? `${counted(counts.read - ended, "item")} without an outcome`
          : `${counted(ended - counts.read, "item")} with more than one outcome`;
      gaps.push(
        `${file}: ${counted(counts.read, "item")} read, but ${counts.written} written + ${counts.stale} stale + ` +
          `${counts.filtered} filtered + ${counts.deadLettered} dead-lettered = ${ended}: ${difference}`,
      );
    }
  }
  if (expectedTotal !== undefined && read !== expectedTotal) {
    gaps.push(`in all: the manifest says ${counted(expectedTotal, "item")}, ${counted(read, "item")} were read`);
  }
  return gaps;
}
