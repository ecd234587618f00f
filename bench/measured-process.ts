import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessUsage } from "./usage-hook";

const HOOK = join(__dirname, "usage-hook.js");

export interface MeasuredProgram {
  /** A compiled program and its arguments. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Where the usage may be left for a moment. */
  readonly usageFile: string;
}

/**
 * Runs a Node program to its end and tells what it has used, start included.
 *
 * @throws Error with what the program said, if it fails
 */
export async function runMeasured({ words, environment, usageFile }: MeasuredProgram): Promise<ProcessUsage> {
  const child = spawn(process.execPath, ["--require", HOOK, ...words], {
    env: { ...process.env, ...environment, BENCH_USAGE: usageFile },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with exit code ${exitCode}:\n${output}`);
  const usage = JSON.parse(await readFile(usageFile, "utf8")) as ProcessUsage;
  await rm(usageFile);
  return usage;
}
