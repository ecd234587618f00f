import { ListTablesCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { createTestTable, dynamoDbLocal, testDynamoDb } from "../support/dynamodb";
import { createTestSubscription, pubSubEmulator, testPubSub } from "../support/pubsub";
import { createTestBucket, storageEmulator, testStorage } from "../support/storage";

describe("Cloud Storage emulator", () => {
  storageEmulator.use();

  it("keeps what is uploaded", async () => {
    const bucket = (await testStorage()).bucket(await createTestBucket());
    await bucket.file("a/b.txt").save("content", { resumable: false });
    const [content] = await bucket.file("a/b.txt").download();
    expect(content.toString()).to.equal("content");
  });
});

describe("Pub/Sub emulator", () => {
  pubSubEmulator.use();

  it("delivers what is published", async () => {
    const { topic, subscription } = await createTestSubscription();
    const client = await testPubSub();
    const received = new Promise<string>((resolve, reject) => {
      const source = client.subscription(subscription);
      source.on("error", reject);
      source.on("message", (message) => {
        message.ack();
        source.close().then(() => resolve(message.data.toString()), reject);
      });
    });
    await client.topic(topic).publishMessage({ data: Buffer.from("change") });
    expect(await received).to.equal("change");
    await client.close();
  });
});

describe("DynamoDB Local", () => {
  dynamoDbLocal.use();

  it("keeps what is put", async () => {
    const table = await createTestTable({ partitionKey: "PK", sortKey: "SK" });
    const client = await testDynamoDb();
    expect((await client.send(new ListTablesCommand())).TableNames).to.include(table);
    await client.send(new PutItemCommand({ TableName: table, Item: { PK: { S: "a" }, SK: { S: "b" } } }));
    const { Items } = await client.send(new ScanCommand({ TableName: table }));
    expect(Items).to.deep.equal([{ PK: { S: "a" }, SK: { S: "b" } }]);
    client.destroy();
  });
});
