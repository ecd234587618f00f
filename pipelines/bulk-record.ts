import type { ExportedTable } from "../export/open-export";
import type { RunFile } from "../schema/run-record";
import { openLedger } from "../transforms/ledger";
import type { BulkArguments } from "./bulk-command";
import type { RunState } from "./run-recorder";
import type { Summary } from "./summary";

/**
 * What a load tells of itself while it goes on and at its end.
 * @param sharesLedger false if its counts are known at its end only
 * @param deadLetters address of the folder for dead letters
 */
export function bulkRunState(
  argv: BulkArguments,
  source: ExportedTable,
  { runId, deadLetters }: { readonly runId: string; readonly deadLetters: string },
  sharesLedger: boolean,
): () => RunState {
  const { summary } = source;
  return () => {
    const { read, written, stale, filtered, deadLettered } = openLedger(runId).total;
    const ended = written + stale + filtered + deadLettered;
    return {
      done: sharesLedger || ended > 0 ? ended : undefined,
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
