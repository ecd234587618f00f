import { MigrationError } from "../../errors/migration-error";
import { runCommand } from "../demo/narration";

/** `status` says NO-GO. */
export const NO_GO = 4;

/**
 * Runs a command to its end.
 * @throws MigrationError E_REHEARSAL_FAILED if it ends with another exit code than the one that is right at this step
 */
export async function step(words: readonly string[], expected = 0): Promise<void> {
  requireCode(words[0] ?? "", await runCommand(words), expected);
}

/** @throws MigrationError E_REHEARSAL_FAILED */
export function requireCode(command: string, code: number, expected = 0): void {
  if (code === expected) return;
  throw new MigrationError("E_REHEARSAL_FAILED", `${command} ended with exit code ${code}, not ${expected}`);
}
