import { MigrationError } from "../errors/migration-error";
import { reportFailure } from "./failure";

/**
 * For what no command foresees: it must not end in a stack trace, nor in the exit code of success.
 * - An exception that nobody catches is told as an internal error and ends the process with 1.
 * - Where nothing is left to wait for although the command has not ended (the last open socket was dropped, say), Node
 *   would end the process with 0.
 * - Whoever reads the output may have gone (`… | head`): the command goes on, and its exit code and summary tell the result.
 */
export function guardProcess(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
  process.once("beforeExit", () => {
    process.exit(
      reportFailure(new MigrationError("E_INTERNAL", "the process has nothing left to do before its command ended")),
    );
  });
}
