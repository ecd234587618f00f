import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { dynamoDbClient } from "../../dynamodb/dynamodb-client";
import { describeTableError } from "../../dynamodb/table-error";
import { reportFailure } from "../../pipelines/failure";
import { log } from "../../pipelines/log";
import { createTable } from "../create-table";
import { requireNoExport } from "../new-export-folder";
import { usageError } from "../usage-error";
import { writeFakeExport } from "./fake-export";
import { type ItemSetName, itemSets, pagesOf } from "./item-set";
import { countingNumber, endpointOption, exportOptions, itemOptions } from "./options";
import { writeTable } from "./write-table";

/** Makes up items and writes them as an export folder or into a DynamoDB table. Returns the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await yargs([...words])
      .scriptName("fake-data")
      .usage("$0 <command>\n\nMakes up items of a DynamoDB table.")
      .command(
        "export",
        "Write an export folder such as DynamoDB makes in S3",
        {
          ...itemOptions,
          ...exportOptions,
          files: { type: "number", default: 4, coerce: countingNumber, describe: "Number of data files" },
        },
        ({ set, items, seed, files, out, replace }) => writeExportFolder({ set, items, seed, files, out, replace }),
      )
      .command(
        "table",
        "Write into a DynamoDB table",
        {
          ...itemOptions,
          ...endpointOption,
          table: { type: "string", describe: "The table's name (default: the set's own)" },
          create: { type: "boolean", default: false, describe: "Make the table first, where it does not exist" },
          streams: { type: "boolean", default: false, describe: "With --create: switch DynamoDB Streams on" },
        },
        ({ set, items, seed, ...target }) => fillTable({ set, items, seed, ...target }),
      )
      .demandCommand(1, "Name a command.")
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

interface Items {
  readonly set: ItemSetName;
  readonly items: number;
  readonly seed: number;
}

async function writeExportFolder(
  options: Items & { readonly files: number; readonly out: string; readonly replace: boolean },
): Promise<void> {
  const { out: folder, replace, ...fake } = options;
  await requireNoExport(folder, { replace });
  const { path, summary, bytes } = await writeFakeExport({ ...fake, folder });
  log.info(`${path}: ${summary.itemCount} items in ${fake.files} data files, ${bytes} bytes packed`);
}

async function fillTable(
  options: Items & {
    readonly table: string | undefined;
    readonly endpoint: string | undefined;
    readonly create: boolean;
    readonly streams: boolean;
  },
): Promise<void> {
  const { items: total, seed, create, streams } = options;
  const set = itemSets[options.set];
  const table = options.table ?? set.table;
  const client = dynamoDbClient(options.endpoint);
  try {
    if (create) await createTable(client, table, set, { streams });
    const written = await writeTable(client, table, pagesOf(set, { from: 0, to: total, total, seed }));
    log.info(`${table}: ${written} items written`);
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
