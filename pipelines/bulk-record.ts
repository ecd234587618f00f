import type { ExportedTable } from "../export/open-export";
import type { RunFile } from "../schema/run-record";
import type { BulkArguments } from "./bulk-command";
import type { Counting } from "./progress";
import type { RunState } from "./run-recorder";
import type { Summary } from "./summary";

/**
 * What a load tells of itself while it goes on and at its end.
 * @param progress how far it is
 * @param deadLetters address of the folder for dead letters
 */
export function bulkRunState(
  argv: BulkArguments,
  source: ExportedTable,
  deadLetters: string,
  progress: Counting,
): () => RunState {
  const { summary } = source;
  return () => {
    const { read, written, stale, filtered, deadLettered } = progress.total;
    return {
      done: written + stale + filtered + deadLettered,
      counts: { read, written, stale, filtered, deadLettered },
      runner: argv.runner,
      deadLetters,
      exclusive: argv.exclusive,
      export: {
        url: source.url,
        items: summary?.itemCount ?? null,
        files: source.dataFiles.length,
        exportTime: summary?.exportTime ?? null,
      },
    };
  };
}

/** The files of a load with their checksums, as the manifest has them, and what became of their items. */
export function runFiles({ dataFiles }: ExportedTable, { files }: Summary): readonly RunFile[] {
  const checksums = new Map(dataFiles.map(({ url, proof }) => [url, proof?.md5 ?? null]));
  return files.map((file) => ({ ...file, md5: checksums.get(file.file) ?? null }));
}
