import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { reportFailure } from "../../pipelines/failure";
import { usageError } from "../usage-error";
import { estimateLoad } from "./load-estimate";
import { parseQuantity } from "./quantity";
import { sizeReport } from "./size-report";
import { type InstanceKind, nodeRates } from "./spanner-rates";

const options = {
  items: { type: "string", demandOption: true, coerce: quantity, describe: "Items: ItemCount of describe-table" },
  bytes: {
    type: "string",
    demandOption: true,
    coerce: quantity,
    describe: "Bytes: TableSizeBytes of describe-table, or such as 250GB, 1TB",
  },
  cells: {
    type: "string",
    default: "10",
    coerce: quantity,
    describe: "Cells of a row: its columns, and those of indexes that exist while it is loaded",
  },
  instance: {
    choices: Object.keys(nodeRates) as InstanceKind[],
    default: "regional" as InstanceKind,
    describe: "Kind of Spanner instance",
  },
  exclusive: { type: "boolean", default: false, describe: "As bulk --exclusive: without the version check" },
} as const;

/** `make size`: what the load of a table takes, by arithmetic (docs/scaling.md). Returns the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await yargs([...words])
      .scriptName("size")
      .command("$0", "Reckons what the load of a table takes of workers and of Spanner", options, (argv) => {
        const { items, bytes, cells, instance, exclusive } = argv;
        const size = { items, bytes, cellsPerRow: cells };
        const plan = { instance, exclusive };
        process.stdout.write(`${sizeReport(size, plan, estimateLoad(size, plan))}\n`);
      })
      .strict()
      .parserConfiguration({ "duplicate-arguments-array": false })
      .exitProcess(false)
      .fail((message, error) => {
        throw usageError(message, error);
      })
      .parseAsync();
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

/** Throws what yargs reports as a mistake in the command line. */
function quantity(text: string): number {
  const value = parseQuantity(text);
  if (value === undefined)
    throw new Error(`${text === "" ? "nothing" : text} is no number such as 1000000, 250M or 1TB`);
  return value;
}

if (require.main === module) {
  void main(hideBin(process.argv)).then((code) => {
    process.exitCode = code;
  });
}
