import { setTimeout as pause } from "node:timers/promises";
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { toSdkItem } from "../../dynamodb/sdk-item";
import { randomAt } from "../fake-data/random";
import type { LiveTable } from "./live-table";

/** What the application has done. */
export interface ApplicationCounts {
  puts: number;
  deletes: number;
}

/** Pause between two changes: some 100 a second. */
const PAUSE_MILLISECONDS = 10;

/** One change in so many is a delete. */
const DELETE_EVERY = 5;

/**
 * An application that keeps writing to the table while it is migrated: it changes, adds and deletes items until `signal`
 * is aborted.
 */
export async function runApplication(
  client: DynamoDBClient,
  { set, items, seed }: Pick<LiveTable, "set" | "items" | "seed">,
  signal: AbortSignal,
): Promise<ApplicationCounts> {
  const counts = { puts: 0, deletes: 0 };
  const random = randomAt(seed, -1);
  for (let change = 1; !signal.aborted; change++) {
    // A tenth of the indexes lie behind the last item: those items are new.
    const index = random.integer(Math.floor(items * 1.1));
    const total = items * 2;
    const item = set.itemAt({ index, total, seed });
    if (change % DELETE_EVERY === 0) {
      const key = toSdkItem({ [set.partitionKey]: item[set.partitionKey] ?? { S: "" } });
      await client.send(new DeleteItemCommand({ TableName: set.table, Key: key }));
      counts.deletes++;
    } else {
      const changed = toSdkItem({ ...item, PointsEarned: { N: String(100_000 + change) } });
      await client.send(new PutItemCommand({ TableName: set.table, Item: changed }));
      counts.puts++;
    }
    await pause(PAUSE_MILLISECONDS);
  }
  return counts;
}
