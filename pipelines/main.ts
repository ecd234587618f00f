#!/usr/bin/env node
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { bulkCommand } from "./bulk-command";
import { reportFailure } from "./failure";
import { guardProcess } from "./last-resort";
import { setLogLevel } from "./log";
import { leadingOptions, options } from "./options";
import { profileCommand } from "./profile-command";
import { replayCommand } from "./replay-command";
import { reportCommand } from "./report-command";
import { SCHEMA_ACTIONS, schemaCommand } from "./schema-command";
import { statusCommand } from "./status-command";
import { streamCommand } from "./stream-command";
import { createUsageCheck } from "./usage-check";
import { verifyCommand } from "./verify-command";

/**
 * Runs one command.
 * @param words the command line without the program's own name
 * @returns the exit code: 0 all proven; 1 the job failed; 2 bad usage or mapping; 3 finished with dead letters;
 *   4 finished, but the accounting or a verification does not hold, or NO-GO
 */
export async function main(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  const usage = createUsageCheck(words, Object.keys(options), [
    ...["profile", "schema", ...SCHEMA_ACTIONS],
    ...["bulk", "stream", "verify", "replay", "status", "report"],
  ]);
  try {
    const parser = yargs([...words])
      .scriptName("dynamodb-to-spanner")
      .usage("$0 <command>\n\nMoves an Amazon DynamoDB table to Google Cloud Spanner.")
      .options(leadingOptions())
      .config("config", options.config.describe, usage.readConfig)
      .middleware((argv) => {
        usage.require(argv);
        setLogLevel(String(argv["log-level"]), argv["quiet"] === true);
      })
      .command(profileCommand(setExitCode))
      .command(schemaCommand(setExitCode))
      .command(bulkCommand(setExitCode))
      .command(streamCommand(setExitCode))
      .command(verifyCommand(setExitCode))
      .command(replayCommand(setExitCode))
      .command(statusCommand(setExitCode))
      .command(reportCommand(setExitCode))
      .demandCommand(1, "Name a command.")
      .strict()
      .parserConfiguration({ "duplicate-arguments-array": false })
      .wrap(Math.min(120, process.stdout.columns ?? 120))
      .locale("en")
      .exitProcess(false)
      .fail(usage.note);
    if (words.length === 0) parser.showHelp("error");
    await parser.parseAsync();
    usage.require({});
    return exitCode;
  } catch (error) {
    return reportFailure(error);
  }
}

if (require.main === module) {
  guardProcess();
  void main(hideBin(process.argv)).then((code) => {
    // Client libraries keep sockets and timers open: what had to be closed was closed by the command itself.
    process.exit(code);
  });
}
