import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { ErrorCode } from "../../errors/codes";
import { errorCatalogue } from "../../errors/codes";
import type { Summary } from "../../pipelines/summary";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { type DeadLetter, parseDeadLetter } from "../../transforms/dead-letter";
import { type CommandResult, type RunningCommand, startCommand } from "../support/command-line";

/** Each test runs whole processes, on a machine that may be busy. */
export const PROCESS_MILLISECONDS = 120_000;

/** A mapping file of the repository, by its path. */
export function sampleMapping(name: string): string {
  return join(process.cwd(), "sample", `${name}.mapping.json`);
}

/** Writes a mapping into a folder and returns its path. */
export async function writeMapping(folder: string, mapping: object): Promise<string> {
  const path = join(folder, "mapping.json");
  await writeFile(path, JSON.stringify(mapping, undefined, 2));
  return path;
}

export interface LoadOptions {
  readonly database: EmulatorDatabase;
  readonly mapping: string;
  readonly input: string;
  /** A folder of the test; the summary and dead letters go below it. */
  readonly folder: string;
  readonly options?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Load extends CommandResult {
  /** What `--summary` wrote, if it did. */
  readonly summary: Summary | undefined;
  /** Of all runs with this folder, by file and line. */
  readonly deadLetters: readonly DeadLetter[];
}

export function targetWords({ project, instance, database }: EmulatorDatabase): readonly string[] {
  return ["--project", project, "--instance", instance, "--database", database];
}

export interface RunningLoad {
  readonly command: RunningCommand;
  finished(): Promise<Load>;
}

/** Starts `bulk` with a summary and a folder for dead letters of its own. */
export async function startLoad(load: LoadOptions): Promise<RunningLoad> {
  const { database, mapping, input, folder, options = [], environment = {} } = load;
  const summary = join(folder, "summary.json");
  const deadLetters = join(folder, "dead-letters");
  await rm(summary, { force: true });
  const command = startCommand(
    [
      ...["bulk", ...targetWords(database), "--mapping", mapping, "--input", input],
      ...["--summary", summary, "--dead-letters", deadLetters, ...options],
    ],
    environment,
  );
  return {
    command,
    finished: async () => ({
      ...(await command.finished),
      summary: await readSummary(summary),
      deadLetters: await readDeadLetters(deadLetters),
    }),
  };
}

export async function runLoad(load: LoadOptions): Promise<Load> {
  return (await startLoad(load)).finished();
}

/** The command came to its end, with this exit code, and without a stack trace. */
export function expectExit({ exitCode, stdout, stderr }: CommandResult, expected: number): void {
  expect(exitCode, `${stdout}\n${stderr}`).to.equal(expected);
  expect(`${stdout}\n${stderr}`, "stack trace").to.not.match(/^\s+at .+:\d+/m);
}

/** The command failed as the catalogue says: with the code's exit code, a message that matches, and the remedy. */
export function expectError(result: CommandResult, code: ErrorCode, message: RegExp): void {
  const { remedy, ...description } = errorCatalogue[code];
  expectExit(result, "exitCode" in description ? description.exitCode : 1);
  expect(result.stderr).to.include(`[error] ${code}: `).and.to.match(message).and.to.include(remedy);
}

/** The details below an error, in their order. */
export function detailsOf({ stderr }: CommandResult): readonly string[] {
  return [...stderr.matchAll(/^ {2}- (.+)$/gm)].map(([, detail = ""]) => detail);
}

/** Every item read has one outcome, in each file and in all, and the manifest agrees. */
export function expectAccounted(summary: Summary | undefined): Summary {
  if (summary === undefined) throw new Error("there is no summary");
  for (const part of [summary, ...summary.files]) {
    const { read, written, stale, filtered, deadLettered, expected } = part;
    expect(written + stale + filtered + deadLettered, JSON.stringify(part)).to.equal(read);
    if (expected !== null) expect(read, JSON.stringify(part)).to.equal(expected);
  }
  for (const name of ["read", "written", "stale", "filtered", "deadLettered"] as const) {
    expect(
      summary.files.reduce((sum, file) => sum + file[name], 0),
      name,
    ).to.equal(summary[name]);
  }
  return summary;
}

async function readSummary(path: string): Promise<Summary | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Summary);
}

async function readDeadLetters(folder: string): Promise<readonly DeadLetter[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".jsonl"));
  const letters: DeadLetter[] = [];
  for (const name of names) {
    const lines = (await readFile(join(folder, name), "utf8")).split("\n");
    expect(lines.pop(), "what follows the last newline").to.equal("");
    letters.push(...lines.map((line, index) => parseDeadLetter(line, `${name}, line ${index + 1}`)));
  }
  const place = ({ source }: DeadLetter) =>
    "file" in source ? `${source.file}:${String(source.line).padStart(9, "0")}` : source.messageId;
  return letters.sort((left, right) => (place(left) < place(right) ? -1 : 1));
}
