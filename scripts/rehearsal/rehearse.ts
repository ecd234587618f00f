import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../dynamodb/dynamodb-client";
import { runApplication } from "../demo/application";
import { createSubscription, fillTable, startPublisher } from "../demo/live-table";
import { heading, say, startCommand } from "../demo/narration";
import { exportTable } from "../table-export/export-table";
import { writeConfiguration } from "./configuration";
import { cutOver } from "./cut-over";
import type { RehearsalSettings } from "./settings";
import { NO_GO, step } from "./steps";

/**
 * A whole migration, from the empty database to the application that writes to Spanner. `status` is asked along the way:
 * it must say NO-GO until everything is proven, and GO then.
 * @throws MigrationError E_REHEARSAL_FAILED at the first command that ends otherwise than it must
 */
export async function rehearse(settings: RehearsalSettings): Promise<void> {
  const client = dynamoDbClient();
  const writers = new AbortController();
  try {
    await prepare(client, settings);
    const publisher = startPublisher(settings);
    await publisher.said("Publishing the changes");
    heading("The application writes to DynamoDB, all the time");
    const application = runApplication(client, settings, writers.signal);
    const stream = await load(client, settings);
    await cutOver(settings, { writers, application, publisher, stream });
  } finally {
    writers.abort();
    client.destroy();
  }
}

async function prepare(client: DynamoDBClient, settings: RehearsalSettings): Promise<void> {
  heading(`A DynamoDB table with ${settings.items.toLocaleString("en-US")} items and a stream`);
  await fillTable(client, settings);
  await writeConfiguration(settings);
  say(`${settings.config}, which every command takes:`);
  for (const line of (await readFile(settings.config, "utf8")).trimEnd().split("\n")) say(`  ${line}`);

  heading("Create the tables");
  await step(["schema", "apply", "--config", settings.config]);

  heading("The subscription, before the export; `status` notes that it is there");
  await createSubscription(settings);
  await step(["status", "--config", settings.config], NO_GO);
}

/** @returns the stream, which goes on */
async function load(client: DynamoDBClient, settings: RehearsalSettings) {
  const { config, folder } = settings;
  heading("Export the table while it changes");
  const input = join(folder, "export");
  const written = await exportTable(client, { table: settings.set.table, folder: input });
  say(`${written.path}: ${written.summary.itemCount.toLocaleString("en-US")} items`);

  heading("Stream the changes, and load the export");
  const stream = startCommand("dynamodb-to-spanner", "pipelines/main.js", [
    ...["stream", "--config", config, "--window", "2"],
  ]);
  await stream.said("Applying changes");
  await step(["bulk", "--config", config, "--input", input]);
  await step(["schema", "indexes", "--config", config]);

  heading("Not yet: changes flow, and nothing is verified");
  await step(["status", "--config", config], NO_GO);
  return stream;
}
