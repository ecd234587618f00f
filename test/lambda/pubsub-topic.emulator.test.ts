import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { createHandler } from "../../lambda/src/handler";
import { openPubSubTopic } from "../../lambda/src/pubsub-topic";
import { createTestSubscription, pubSubEmulator, pubSubProject, testPubSub } from "../support/pubsub";
import { receiveMessages } from "./received-messages";
import { putRecord } from "./stream-records";

async function handlerFor(topic: string) {
  const publisher = await openPubSubTopic({ project: pubSubProject, topic });
  const handler = createHandler({ openTopic: async () => publisher, log: () => undefined });
  return { handler, close: () => publisher.close() };
}

describe("The handler with the real Pub/Sub client", () => {
  pubSubEmulator.use();

  it("publishes large batches: each item's records in their order, each with its attributes", async () => {
    const { topic, subscription } = await createTestSubscription({ enableMessageOrdering: true });
    const { handler, close } = await handlerFor(topic);
    const records = Array.from({ length: 3000 }, (_, index) =>
      putRecord(
        index % 3 === 0 ? "hot" : `item-${index % 50}`,
        String(index + 1),
        "x".repeat(index % 100 === 0 ? 300_000 : 9),
      ),
    );
    expect(await handler({ Records: records })).to.deep.equal({ batchItemFailures: [] });
    await close();

    const messages = await receiveMessages(subscription, ({ length }) => length === records.length);
    const received = new Map<string, string[]>();
    for (const { data, attributes, orderingKey } of messages) {
      const record = JSON.parse(data.toString());
      expect(attributes).to.deep.equal({
        table: "Orders",
        eventName: "MODIFY",
        sequenceNumber: record.dynamodb.SequenceNumber,
      });
      expect(record).to.deep.equal(records[Number(record.dynamodb.SequenceNumber) - 1]);
      const key: string = record.dynamodb.Keys.PK.S;
      received.set(key, [...(received.get(key) ?? []), record.dynamodb.SequenceNumber]);
      expect(orderingKey).to.match(/^[A-Za-z0-9_-]{43}$/);
    }
    for (const [key, numbers] of received) {
      const expected = records.filter(({ dynamodb }) => dynamodb?.Keys?.["PK"]?.S === key);
      expect(numbers).to.deep.equal(expected.map(({ dynamodb }) => dynamodb?.SequenceNumber));
    }
  });

  it("publishes an item's records again after they have failed", async () => {
    const client = await testPubSub();
    const name = `test-${randomBytes(8).toString("hex")}`;
    const { handler, close } = await handlerFor(`projects/${pubSubProject}/topics/${name}`);
    const event = { Records: [putRecord("a", "1"), putRecord("a", "2"), putRecord("b", "3")] };
    expect(await handler(event)).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "1" }] });

    const [topic] = await client.createTopic(name);
    const [subscription] = await topic.createSubscription(name, { enableMessageOrdering: true });
    expect(await handler(event)).to.deep.equal({ batchItemFailures: [] });
    await close();
    await client.close();
    const messages = await receiveMessages(subscription.name, ({ length }) => length === 3);
    expect(messages.map(({ attributes }) => attributes["sequenceNumber"])).to.have.members(["1", "2", "3"]);
  });

  it("gives up before the function's time is over when Pub/Sub does not answer", async () => {
    const address = process.env["PUBSUB_EMULATOR_HOST"];
    process.env["PUBSUB_EMULATOR_HOST"] = "127.0.0.1:1";
    try {
      const { handler } = await handlerFor(`projects/${pubSubProject}/topics/unreachable`);
      const event = { Records: [putRecord("a", "7"), putRecord("b", "8")] };
      expect(await handler(event, { getRemainingTimeInMillis: () => 1500 })).to.deep.equal({
        batchItemFailures: [{ itemIdentifier: "7" }],
      });
    } finally {
      process.env["PUBSUB_EMULATOR_HOST"] = address;
    }
  });
});
