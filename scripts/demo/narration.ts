import { spawn } from "node:child_process";
import { join } from "node:path";
import { styleText } from "node:util";

const COMMAND_LINE = join(__dirname, "../../pipelines/main.js");

/** Says what comes next. */
export function heading(text: string): void {
  process.stdout.write(`\n${styleText("bold", `■ ${text}`)}\n`);
}

/** Says one thing about it. */
export function say(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

/** Shows a command as the user would type it, runs it in this terminal, and gives its exit code. */
export function runCommand(words: readonly string[]): Promise<number> {
  process.stdout.write(`${styleText("cyan", `$ dynamodb-to-spanner ${words.map(shellWord).join(" ")}`)}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND_LINE, ...words], { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
