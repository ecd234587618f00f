import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { styleText } from "node:util";

const COMPILED = join(__dirname, "../..");

/** Says what comes next. */
export function heading(text: string): void {
  process.stdout.write(`\n${styleText("bold", `■ ${text}`)}\n`);
}

/** Says one thing about it. */
export function say(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

/** Shows a command as the user would type it, runs it in this terminal, and gives its exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  show("dynamodb-to-spanner", words);
  return exitCodeOf(spawn(process.execPath, [join(COMPILED, "pipelines/main.js"), ...words], { stdio: "inherit" }));
}

/** A command that runs beside others. */
export interface BackgroundCommand {
  /** Resolves with its exit code when it has ended; its output is shown then. */
  readonly ended: Promise<number>;
  /** Resolves when the command has said this; rejects if it ends before. */
  said(text: string): Promise<void>;
  stop(signal: NodeJS.Signals): void;
}

/** Shows a command and starts it; `program` is a module below the compiled code. */
export function startCommand(name: string, program: string, words: readonly string[]): BackgroundCommand {
  show(name, words);
  const child = spawn(process.execPath, [join(COMPILED, program), ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = exitCodeOf(child).then((code) => {
    process.off("exit", kill);
    process.stdout.write(output);
    return code;
  });
  return {
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        for (const pipe of [child.stdout, child.stderr]) pipe.on("data", look);
        void ended.then((code) => reject(new Error(`${name} has ended with exit code ${code}`)));
      }),
    stop: (signal) => child.kill(signal),
  };
}

function show(name: string, words: readonly string[]): void {
  process.stdout.write(`${styleText("cyan", `$ ${name} ${words.map(shellWord).join(" ")}`)}\n`);
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
