import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult } from "../support/command-line";

/** Has a command say at its end how much memory it had at most; loaded before it. */
const PEAK_HOOK = 'process.on("exit", () => console.error("peak RSS", process.resourceUsage().maxRSS, "KB"));';

/** The environment of a command whose peak memory is to be known; the folder takes a file for it. */
export async function peakHook(folder: string): Promise<{ readonly NODE_OPTIONS: string }> {
  const hook = join(folder, "peak.js");
  await writeFile(hook, PEAK_HOOK);
  return { NODE_OPTIONS: `--require=${hook}` };
}

/** Most resident memory that a command with `peakHook` had, in KB. */
export function peakKilobytes({ stderr }: CommandResult): number {
  const peak = /peak RSS (\d+) KB/.exec(stderr)?.[1];
  if (peak === undefined) throw new Error("the command did not say its peak memory");
  return Number(peak);
}
