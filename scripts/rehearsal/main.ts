import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { reportFailure } from "../../pipelines/failure";
import { countingNumber } from "../fake-data/options";
import { usageError } from "../usage-error";
import { runRehearsal } from "./run-rehearsal";
import { DEFAULT_FOLDER, DEFAULT_ITEMS, rehearsalSettings } from "./settings";

async function main(words: readonly string[]): Promise<number> {
  try {
    const { items, folder } = await yargs([...words])
      .scriptName("rehearsal")
      .usage("$0\n\nRehearses a whole migration with its cut-over, on local servers.")
      .options({
        items: { type: "number", default: DEFAULT_ITEMS, coerce: countingNumber, describe: "Items of the table" },
        folder: { type: "string", default: DEFAULT_FOLDER, describe: "Where everything is written; emptied first" },
      })
      .strict()
      .exitProcess(false)
      .fail((message, error) => {
        throw usageError(message, error);
      })
      .parseAsync();
    await runRehearsal(rehearsalSettings(items, folder));
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

// Servers stop with this process, however it ends; what is left open otherwise need not be waited for.
void main(hideBin(process.argv)).then((code) => process.exit(code));
