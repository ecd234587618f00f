#!/usr/bin/env node
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { MigrationError } from "../errors/migration-error";
import { bulkCommand } from "./bulk-command";
import { readConfigFile } from "./config-file";
import { reportFailure } from "./failure";
import { setLogLevel } from "./log";
import { commonOptions, options, pickOptions } from "./options";
import { schemaCommand } from "./schema-command";
import { streamCommand } from "./stream-command";

/**
 * Runs one command.
 * @param words the command line without the program's own name
 * @returns the exit code: 0 all proven; 1 the job failed; 2 bad usage or mapping; 3 finished with dead letters;
 *   4 finished, but the accounting does not hold
 */
export async function main(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  try {
    const parser = yargs([...words])
      .scriptName("dynamodb-to-spanner")
      .usage("$0 <command>\n\nMoves an Amazon DynamoDB table to Google Cloud Spanner.")
      .options(pickOptions(commonOptions))
      .config("config", options.config.describe, readConfigFile)
      .middleware((argv) => setLogLevel(String(argv["log-level"]), argv["quiet"] === true))
      .command(schemaCommand(setExitCode))
      .command(bulkCommand(setExitCode))
      .command(streamCommand(setExitCode))
      .demandCommand(1, "Name a command.")
      .strict()
      .recommendCommands()
      .parserConfiguration({ "duplicate-arguments-array": false })
      .wrap(Math.min(120, process.stdout.columns ?? 120))
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new MigrationError("E_USAGE", message);
      });
    await parser.parseAsync();
    return exitCode;
  } catch (error) {
    return reportFailure(error);
  }
}

if (require.main === module) {
  void main(hideBin(process.argv)).then((code) => {
    // Client libraries keep sockets and timers open: what had to be closed was closed by the command itself.
    process.exit(code);
  });
}
