import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { dynamoDbClient } from "../../dynamodb/dynamodb-client";
import { describeTableError } from "../../dynamodb/table-error";
import { reportFailure } from "../../pipelines/failure";
import { log } from "../../pipelines/log";
import { countingNumber, endpointOption, exportOptions } from "../fake-data/options";
import { requireNoExport } from "../new-export-folder";
import { usageError } from "../usage-error";
import { exportTable } from "./export-table";

/** Writes an export folder out of a live table by a scan. Returns the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await yargs([...words])
      .scriptName("table-export")
      .command(
        "$0",
        "Write an export of a DynamoDB table by scanning it, where DynamoDB's own export can't be had",
        {
          table: { type: "string", demandOption: true, describe: "The DynamoDB table" },
          ...endpointOption,
          ...exportOptions,
          segments: {
            type: "number",
            default: 4,
            coerce: countingNumber,
            describe: "Parts of the table read at the same time; each becomes a data file",
          },
        },
        ({ table, endpoint, out, replace, segments }) => scanIntoFolder({ table, endpoint, out, replace, segments }),
      )
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

async function scanIntoFolder(options: {
  readonly table: string;
  readonly endpoint: string | undefined;
  readonly out: string;
  readonly replace: boolean;
  readonly segments: number;
}): Promise<void> {
  const { table, out: folder, segments } = options;
  await requireNoExport(folder, options);
  const client = dynamoDbClient(options.endpoint);
  try {
    const { path, summary } = await exportTable(client, { table, folder, segments });
    log.info(`${path}: ${summary.itemCount} items of ${table}`);
  } catch (error) {
    throw describeTableError(error, table);
  } finally {
    client.destroy();
  }
}

if (require.main === module) {
  void main(hideBin(process.argv)).then((code) => {
    process.exitCode = code;
  });
}
