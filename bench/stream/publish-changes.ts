import { setTimeout as pause } from "node:timers/promises";
import type { Topic } from "@google-cloud/pubsub";
import { toMessage } from "../../lambda/src/record-message";
import { dueChanges } from "./pace";

const TICK_MILLISECONDS = 20;

/** Publishes changes at an even rate, each of an item of its own that holds when it was published (ms since 1970). */
export async function publishChanges(topic: Topic, rate: number, total: number, prefix: string): Promise<void> {
  const started = performance.now();
  const sent: Promise<unknown>[] = [];
  while (sent.length < total) {
    const due = dueChanges(rate, total, performance.now() - started);
    for (let index = sent.length; index < due; index++) {
      const { data, attributes } = change(`${prefix}-${index}`, index + 1);
      sent.push(topic.publishMessage({ data, attributes: { ...attributes } }));
    }
    await pause(TICK_MILLISECONDS);
  }
  await Promise.all(sent);
}

function change(id: string, sequence: number) {
  const Keys = { Id: { S: id } };
  const now = Date.now();
  return toMessage({
    eventID: `event-${sequence}`,
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/Changes/stream/2026-01-01T00:00:00.000",
    awsRegion: "eu-west-1",
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now / 1000),
      Keys,
      NewImage: { ...Keys, PublishedAt: { N: String(now) }, Note: { S: "a change of a table, as it comes" } },
      SequenceNumber: String(sequence).padStart(21, "1"),
      SizeBytes: 90,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  });
}
