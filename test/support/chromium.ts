import { execFile } from "node:child_process";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const START_MILLISECONDS = 60_000;
const run = promisify(execFile);

/** Path of a Chromium on this machine, or undefined. */
export async function findChromium(): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const path of folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** Runs a headless Chromium with a profile of its own, and gives what it prints. */
export async function runChromium(path: string, words: readonly string[]): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const own = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", `--user-data-dir=${profile}`];
  try {
    const { stdout } = await run(path, [...own, ...words], {
      timeout: START_MILLISECONDS,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
