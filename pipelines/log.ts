import consola from "consola/basic";

const LEVELS: Record<string, number> = { error: 0, warn: 1, info: 3, debug: 4 };

/** What the user reads while a command runs. It goes to the error output: standard output holds results only. */
export const log = consola.create({ stdout: process.stderr, stderr: process.stderr });

/** Sets the least severe message that is shown; `quiet` leaves errors only. */
export function setLogLevel(level: string, quiet: boolean): void {
  log.level = quiet ? 0 : (LEVELS[level] ?? 3);
}
