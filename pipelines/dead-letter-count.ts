import { MigrationError } from "../errors/migration-error";
import type { RunRow } from "../schema/run-record";
import type { Folder } from "../storage/folder";
import { openFolder } from "../storage/open-folder";
import { parseDeadLetter } from "../transforms/dead-letter";
import type { FolderOfLetters } from "./gate-facts";
import { DONE_FOLDER } from "./replay-folder";

/**
 * Counts the dead letters of every folder that a run has named, and of one more.
 * @param another the folder of `--dead-letters`
 */
export async function countDeadLetters(runs: readonly RunRow[], another: string): Promise<readonly FolderOfLetters[]> {
  const recorded = new Map<string, number>([[openFolder(another).url, 0]]);
  for (const { command, details } of runs) {
    if (details.deadLetters === null) continue;
    // What fails again in a replay is counted by the run that it comes from.
    const letters = command === "replay" ? 0 : (details.counts["deadLettered"] ?? 0);
    recorded.set(details.deadLetters, (recorded.get(details.deadLetters) ?? 0) + letters);
  }
  return Promise.all([...recorded].map(([url, count]) => countFolder(openFolder(url), count)));
}

async function countFolder(folder: Folder, recorded: number): Promise<FolderOfLetters> {
  const open: Record<string, number> = {};
  const done: Record<string, number> = {};
  try {
    for (const { name } of await folder.list()) {
      const counts = !name.includes("/") ? open : name.startsWith(`${DONE_FOLDER}/`) ? done : undefined;
      if (counts === undefined || !name.endsWith(".jsonl")) continue;
      const lines = (await folder.readWhole(name)).toString("utf8").split("\n");
      for (const [index, line] of lines.entries()) {
        if (line === "") continue;
        const { code } = parseDeadLetter(line, `${folder.urlOf(name)}, line ${index + 1}`);
        counts[code] = (counts[code] ?? 0) + 1;
      }
    }
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    // A folder that was never made holds none: whether it should is for what was recorded to say.
    const absent = error.code === "E_STORAGE_NOT_FOUND";
    return { url: folder.url, recorded, open: {}, done: {}, problem: absent ? null : error.message };
  }
  return { url: folder.url, recorded, open, done, problem: null };
}
