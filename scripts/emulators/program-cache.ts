import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { programCacheFolder } from "../../beam/program-cache-folder";
import { MigrationError } from "../../errors/migration-error";

const run = promisify(execFile);

/** The longest that a download or a build may take on a slow machine. */
const installMilliseconds = 15 * 60 * 1000;
const outputBytes = 16 * 1024 * 1024;

/**
 * The cache's folder `name`, filled by `install` when it does not exist yet.
 *
 * A folder appears under its name only when `install` has succeeded, so an interrupted installation leaves nothing that
 * looks finished, and two processes that install at once do not disturb each other.
 *
 * @param name program and version, such as `fake-gcs-server-1.56.1`.
 * @param install fills an empty folder; its path is given.
 */
export async function cachedProgram(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const cache = programCacheFolder();
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, `${name}.partial-`));
  try {
    process.stderr.write(`Installing ${name} into ${cache} (once; this can take minutes)\n`);
    await install(folder);
    await rename(folder, target).catch((error: NodeJS.ErrnoException) => {
      // Another process was quicker: what it installed is the same.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program that downloads or builds.
 *
 * @throws MigrationError E_EMULATOR_INSTALL with the program's own last lines.
 */
export async function runInstaller(
  program: string,
  args: readonly string[],
  options: { readonly folder: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<void> {
  try {
    await run(program, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.environment },
      timeout: installMilliseconds,
      maxBuffer: outputBytes,
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new MigrationError("E_EMULATOR_INSTALL", `\`${[program, ...args].join(" ")}\` failed`, {
      cause: error,
      details: `${stdout}\n${stderr}`
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-20),
    });
  }
}
