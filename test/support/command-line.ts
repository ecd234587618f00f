import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** The compiled command line beside the compiled tests, so that tests run what was just built. */
export const COMMAND_LINE = join(__dirname, "../../pipelines/main.js");

export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly finished: Promise<CommandResult>;
  /** Resolves once `pattern` is seen in the error output; rejects when the command ends before that. */
  waitForError(pattern: RegExp): Promise<void>;
}

/** Starts `dynamodb-to-spanner` with these words, without a terminal; `environment` adds to this process's own. */
export function startCommand(words: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningCommand {
  return startProgram(COMMAND_LINE, words, environment);
}

/** Starts another compiled program in the same way, in this process's folder unless another is named. */
export function startProgram(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  cwd = process.cwd(),
): RunningCommand {
  const child = spawn(process.execPath, ["--enable-source-maps", program, ...words], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const finished = new Promise<CommandResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  const waitForError = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(stderr)) resolve();
      };
      child.stderr.on("data", look);
      child.once("close", () => reject(new Error(`the command ended before ${pattern} was seen:\n${stderr}`)));
      look();
    });
  return { process: child, finished, waitForError };
}

/** Runs `dynamodb-to-spanner` with these words to its end. */
export function runCommand(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return startCommand(words, environment).finished;
}
