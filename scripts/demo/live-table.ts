import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PubSub } from "@google-cloud/pubsub";
import { createTable } from "../create-table";
import { type ItemSet, pagesOf } from "../fake-data/item-set";
import { writeTable } from "../fake-data/write-table";
import { type BackgroundCommand, startCommand } from "./narration";

/** A table of made-up items, the way of its changes, and the database that it moves to. */
export interface LiveTable {
  readonly items: number;
  readonly seed: number;
  readonly set: ItemSet;
  /** Where everything is put that is written; what is there is removed. */
  readonly folder: string;
  readonly target: { readonly project: string; readonly instance: string; readonly database: string };
  readonly topic: string;
  readonly subscription: string;
}

/** Makes the table, with a stream, and its items. */
export async function fillTable(client: DynamoDBClient, { set, items, seed, folder }: LiveTable): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await createTable(client, set.table, set, { streams: true });
  await writeTable(client, set.table, pagesOf(set, { from: 0, to: items, total: items * 2, seed }));
}

/** Makes the topic and the subscription of the changes. */
export async function createSubscription({ target, topic: name, subscription }: LiveTable): Promise<void> {
  const pubsub = new PubSub({ projectId: target.project });
  const [topic] = await pubsub.createTopic(name);
  await topic.createSubscription(subscription, { enableMessageOrdering: true, ackDeadlineSeconds: 60 });
  await pubsub.close();
}

/** Publishes the table's changes, in place of AWS Lambda; started again, it goes on where it was. */
export function startPublisher({ set, target, topic, folder }: LiveTable, ...more: string[]): BackgroundCommand {
  return startCommand("streams", "scripts/streams/main.js", [
    ...["--table", set.table, "--topic", `projects/${target.project}/topics/${topic}`],
    ...["--checkpoint", join(folder, "stream-checkpoint.json"), "--from", "latest"],
    ...more,
  ]);
}
