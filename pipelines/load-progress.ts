import { MigrationError } from "../errors/migration-error";
import type { DataFile, FinishedLines } from "../export/open-export";
import type { FileProgress, PartRow } from "../schema/load-progress";
import { LOAD_PARTS_TABLE } from "../schema/progress-table";
import type { Ledger } from "../transforms/ledger";

/** What earlier runs of a load have finished. */
export interface LoadProgress {
  readonly files: readonly FileProgress[];
  /** The files that the pass of a level has to read, with the lines of them that are finished. */
  unfinished(dataFiles: readonly DataFile[], level: number): readonly DataFile[];
  /** Adds what is finished to the counts of a run. */
  addTo(ledger: Ledger, dataFiles: readonly DataFile[]): void;
}

export function createLoadProgress(files: readonly FileProgress[]): LoadProgress {
  const byPlace = new Map(files.map((progress) => [placeOf(progress.level, progress.file), progress]));
  return {
    files,
    unfinished: (dataFiles, level) =>
      dataFiles.flatMap((file) => {
        const progress = byPlace.get(placeOf(level, file.name));
        if (progress === undefined) return [{ ...file, finished: [] }];
        return isComplete(file, progress) ? [] : [{ ...file, finished: finishedLines(progress.parts) }];
      }),
    addTo(ledger, dataFiles) {
      const urls = new Map(dataFiles.map(({ name, url }) => [name, url]));
      for (const { level, file, lines, written, stale, filtered, deadLettered } of files) {
        const url = urls.get(file);
        if (url === undefined) continue;
        ledger.add(url, { read: level === 0 ? lines : 0, written, stale, filtered, deadLettered });
      }
    },
  };
}

function placeOf(level: number, file: string): string {
  return `${level} ${file}`;
}

/** The run that recorded its end had proven the file; the manifest is still the same. */
function isComplete({ proof }: DataFile, { md5, lines }: FileProgress): boolean {
  return proof !== undefined && md5 === proof.md5 && lines === proof.itemCount;
}

function finishedLines(parts: readonly PartRow[]): readonly FinishedLines[] {
  const ranges: FinishedLines[] = [];
  for (const { file, firstLine, lines, checksum } of parts) {
    if (lines === 0) continue;
    if (checksum === null) {
      throw new MigrationError("E_PROGRESS_UNREADABLE", `${LOAD_PARTS_TABLE} has no checksum for lines of ${file}`);
    }
    const lastLine = firstLine + lines - 1;
    const before = ranges.at(-1);
    if (before !== undefined && before.lastLine + 1 === firstLine) {
      ranges[ranges.length - 1] = { firstLine: before.firstLine, lastLine, checksum };
    } else ranges.push({ firstLine, lastLine, checksum });
  }
  return ranges;
}
