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
  for (const run of runs) {
    const { deadLetters } = run.details;
    if (deadLetters === null) continue;
    recorded.set(deadLetters, (recorded.get(deadLetters) ?? 0) + leastLetters(run));
  }
  return Promise.all([...recorded].map(([url, count]) => countFolder(openFolder(url), count)));
}

/** How many dead letters a run has stored at the least. */
function leastLetters({ command, details }: RunRow): number {
  const counted = details.counts["deadLettered"] ?? 0;
  // What fails again in a replay is counted by the run that it comes from.
  if (command === "replay") return 0;
  // Counters of a stream elsewhere also count what a restart has done again, and stored once.
  return command === "stream" && details.runner !== "direct" ? Math.min(counted, 1) : counted;
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
