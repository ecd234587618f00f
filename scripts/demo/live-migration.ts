import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../dynamodb/dynamodb-client";
import { exportTable } from "../table-export/export-table";
import { type ApplicationCounts, runApplication } from "./application";
import { createSubscription, fillTable, startPublisher } from "./live-table";
import { type BackgroundCommand, heading, runCommand, say, startCommand } from "./narration";
import { demo, targetWords } from "./settings";

/**
 * The whole of a migration: a table that an application keeps writing to moves to Spanner, and every item is compared
 * with its row at the end.
 * @returns the exit code: 0 only if all commands succeeded and nothing differs
 */
export async function migrateLive(): Promise<number> {
  const client = dynamoDbClient();
  const stop = new AbortController();
  try {
    heading(`A DynamoDB table with ${demo.items.toLocaleString("en-US")} items and a stream`);
    await fillTable(client, demo);
    heading("First the subscription, then the export: so no change can fall between them");
    await createSubscription(demo);
    say(`Topic ${demo.topic}, subscription ${demo.subscription}`);
    const publisher = startPublisher(demo);
    // A change that comes before this moment is in the export, one that comes after it is in the subscription.
    await publisher.said("Publishing the changes");
    say("The stream's changes are published, in place of AWS Lambda by a program with the same code.");
    heading("The application goes on writing");
    const application = runApplication(client, demo, stop.signal);
    say("Some 100 puts and deletes a second, from now on until the load is done.");

    const exitCode = await loadAndStream(client, stop, application, publisher);
    return exitCode === 0 ? await compare() : exitCode;
  } finally {
    stop.abort();
    client.destroy();
  }
}

async function loadAndStream(
  client: DynamoDBClient,
  stop: AbortController,
  application: Promise<ApplicationCounts>,
  publisher: BackgroundCommand,
): Promise<number> {
  heading("Create the tables that the mapping needs");
  const applied = await runCommand(["schema", "apply", "--mapping", demo.mapping, ...targetWords]);
  if (applied !== 0) return applied;

  heading("Export the table while it changes");
  const input = join(demo.folder, "export");
  const written = await exportTable(client, { table: demo.set.table, folder: input });
  say(`${written.path}: ${written.summary.itemCount.toLocaleString("en-US")} items`);

  heading("Stream the changes and load the export, at the same time");
  const common = ["--mapping", demo.mapping, ...targetWords, "--dead-letters", join(demo.folder, "dead-letters")];
  const stream = startCommand("dynamodb-to-spanner", "pipelines/main.js", [
    ...["stream", "--subscription", demo.subscription, "--window", "2", "--stop-when-idle", "8", ...common],
    ...["--summary", join(demo.folder, "stream-summary.json")],
  ]);
  const loaded = await runCommand([
    ...["bulk", "--input", input, ...common],
    ...["--summary", join(demo.folder, "bulk-summary.json")],
  ]);

  heading("The application stops; the stream catches up");
  stop.abort();
  const { puts, deletes } = await application;
  say(`It has made ${puts} puts and ${deletes} deletes since the subscription.`);
  const streamed = await stream.ended;
  publisher.stop("SIGTERM");
  const published = await publisher.ended;
  return [loaded, streamed, published].find((code) => code !== 0) ?? 0;
}

function compare(): Promise<number> {
  heading("Compare every item of the live table with its row");
  return runCommand([
    ...["verify", "--source-table", demo.set.table, "--mapping", demo.mapping, ...targetWords],
    ...["--differences", join(demo.folder, "differences.jsonl")],
    ...["--summary", join(demo.folder, "verify-summary.json")],
  ]);
}
