import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import type { Message } from "@google-cloud/pubsub";
import { assert, expect } from "chai";
import { receiveMessages } from "../../lambda/received-messages";
import { createTestTable, dynamoDbLocal, testDynamoDb } from "../../support/dynamodb";
import { createTestSubscription, pubSubEmulator } from "../../support/pubsub";

const program = join(__dirname, "../../../scripts/streams/main.js");

interface StandIn {
  readonly process: ChildProcess;
  /** Everything that it has written to its error output. */
  output(): string;
  readonly ended: Promise<number | null>;
}

function startStandIn(words: readonly string[]): StandIn {
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { process: child, output: () => output, ended };
}

/** Waits for a condition that the running stand-in brings about. */
async function until({ process: child, output }: StandIn, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    assert(child.exitCode === null, `it ended too early: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function recordOf(message: Message) {
  return JSON.parse(message.data.toString());
}

function sequenceNumber(message: Message): bigint {
  return BigInt(message.attributes["sequenceNumber"] ?? "");
}

describe("The stand-in for the event source mapping", function () {
  this.timeout(240_000);
  dynamoDbLocal.use();
  pubSubEmulator.use();

  let client: DynamoDBClient;
  let folder: string;
  let table: string;
  let words: readonly string[];
  let subscription: string;
  beforeEach(async () => {
    client = await testDynamoDb();
    folder = await mkdtemp(join(tmpdir(), "streams-"));
    table = await createTestTable({ partitionKey: "PK", sortKey: "SK" }, { streams: true });
    const created = await createTestSubscription({ enableMessageOrdering: true });
    subscription = created.subscription;
    words = ["--table", table, "--topic", created.topic, "--checkpoint", join(folder, "checkpoint.json")];
  });
  afterEach(async () => {
    client.destroy();
    await rm(folder, { recursive: true });
  });

  const put = (id: string, value: string) =>
    client.send(new PutItemCommand({ TableName: table, Item: { PK: { S: id }, SK: { S: "A" }, Value: { S: value } } }));

  it("publishes a put, an update and a delete as Lambda would hand them to the function", async () => {
    const key = { PK: { S: "CUSTOMER#1" }, SK: { S: "PROFILE" } };
    const names = JSON.parse(
      '{"__proto__":{"S":"own"},"constructor":{"M":{"__proto__":{"N":"1"}}},"Größe 📏":{"NULL":true}}',
    );
    const binary = { Picture: { B: Buffer.from([0, 255]) }, Pictures: { BS: [Buffer.from("hi")] } };
    const item = Object.defineProperties({ ...key, ...binary }, Object.getOwnPropertyDescriptors(names));
    await client.send(new PutItemCommand({ TableName: table, Item: item }));
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: key,
        UpdateExpression: "SET Amount = :amount REMOVE Picture",
        ExpressionAttributeValues: { ":amount": { N: "12345678901234567890123456789012345678" } },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName: table, Key: key }));

    const standIn = startStandIn([...words, "--stop-when-idle", "1"]);
    expect(await standIn.ended, standIn.output()).to.equal(0);
    const messages = await receiveMessages(subscription, ({ length }) => length === 3);
    expect(messages.map(({ attributes }) => [attributes["table"], attributes["eventName"]])).to.deep.equal([
      [table, "INSERT"],
      [table, "MODIFY"],
      [table, "REMOVE"],
    ]);
    expect(new Set(messages.map(({ orderingKey }) => orderingKey)).size).to.equal(1);
    const numbers = messages.map(sequenceNumber);
    expect(numbers).to.deep.equal(numbers.toSorted((left, right) => (left < right ? -1 : 1)));

    const [inserted, modified, removed] = messages.map(recordOf);
    const wire = JSON.parse(JSON.stringify(key));
    expect(inserted).to.include({ eventName: "INSERT", eventSource: "aws:dynamodb" });
    expect(inserted.eventSourceARN).to.match(new RegExp(`^arn:aws:dynamodb:.*:table/${table}/stream/`));
    expect(inserted.dynamodb.Keys).to.deep.equal(wire);
    expect(inserted.dynamodb.ApproximateCreationDateTime).to.be.a("number").within(1.7e9, 1e10);
    expect(JSON.stringify(inserted.dynamodb.NewImage)).to.include('"__proto__":{"S":"own"}');
    expect(inserted.dynamodb.NewImage.constructor.M).to.have.ownPropertyDescriptor("__proto__");
    expect(inserted.dynamodb.NewImage).to.deep.include({ Picture: { B: "AP8=" }, Pictures: { BS: ["aGk="] } });
    expect(modified.dynamodb.NewImage.Amount).to.deep.equal({ N: "12345678901234567890123456789012345678" });
    expect(modified.dynamodb.NewImage).not.to.have.property("Picture");
    expect(removed.dynamodb).to.not.have.property("NewImage");
    expect(removed.dynamodb.OldImage.Amount).to.deep.equal(modified.dynamodb.NewImage.Amount);
  });

  it("loses nothing and keeps each item's order when it is killed again and again", async () => {
    const total = 400;
    const writing = (async () => {
      for (let count = 0; count < total; count += 1) await put(`item-${count % 20}`, String(count));
    })();
    const checkpoint = () => readFile(join(folder, "checkpoint.json"), "utf8").catch(() => "");
    for (let kills = 0; kills < 3; kills += 1) {
      const before = await checkpoint();
      const standIn = startStandIn(words);
      const positions = (text: string) =>
        [...text.matchAll(/"sequenceNumber": "(\d+)"/g)].map(([, number]) => number).join();
      await until(standIn, async () => positions(await checkpoint()) !== positions(before));
      standIn.process.kill("SIGKILL");
      await standIn.ended;
      if (kills === 1) await writing;
      if (kills === 1) await put("item-0", "after the second kill");
    }
    await put("item-0", "after all kills");
    const last = startStandIn([...words, "--stop-when-idle", "1"]);
    expect(await last.ended, last.output()).to.equal(0);

    const values = (messages: readonly Message[]) =>
      messages.map((m) => recordOf(m).dynamodb.NewImage.Value.S as string);
    const messages = await receiveMessages(subscription, (all) => new Set(values(all)).size === total + 2);
    const firstOfEach = new Map(
      messages.map((message) => [values([message])[0], message]).reverse() as [string, Message][],
    );
    for (let item = 0; item < 20; item += 1) {
      const ofItem = [...firstOfEach.values()]
        .reverse()
        .filter((message) => recordOf(message).dynamodb.Keys.PK.S === `item-${item}`)
        .map(sequenceNumber);
      expect(ofItem).to.deep.equal(ofItem.toSorted((left, right) => (left < right ? -1 : 1)));
    }
  });

  it("ends in order at SIGTERM, and then publishes nothing twice", async () => {
    await put("a", "1");
    const standIn = startStandIn(words);
    await receiveMessages(subscription, ({ length }) => length === 1);
    standIn.process.kill("SIGTERM");
    expect(await standIn.ended, standIn.output()).to.equal(0);
    expect(standIn.output()).to.match(/1 changes published/);

    await put("a", "2");
    const next = startStandIn([...words, "--stop-when-idle", "1"]);
    expect(await next.ended, next.output()).to.equal(0);
    expect(next.output()).to.match(/1 changes published/);
  });

  it("begins with new changes when told so", async () => {
    await put("a", "old");
    const standIn = startStandIn([...words, "--from", "latest"]);
    await until(standIn, () => standIn.output().includes("Publishing the changes"));
    await put("a", "new");
    const [message] = await receiveMessages(subscription, ({ length }) => length === 1);
    standIn.process.kill("SIGTERM");
    expect(await standIn.ended).to.equal(0);
    expect(message === undefined ? undefined : recordOf(message).dynamodb.NewImage.Value.S).to.equal("new");
  });

  it("refuses a table without a stream, a stream without new images, and a table that does not exist", async () => {
    const plain = await createTestTable({ partitionKey: "PK" });
    const keysOnly = await createTestTable({ partitionKey: "PK" });
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } as const;
    await client.send(new UpdateTableCommand({ TableName: keysOnly, StreamSpecification }));
    for (const [name, code] of [
      [plain, "E_STREAM_DISABLED"],
      [keysOnly, "E_STREAM_VIEW"],
      ["no-such-table", "E_STREAM_DISABLED"],
    ] as const) {
      const standIn = startStandIn(["--table", name, ...words.slice(2)]);
      expect(await standIn.ended).to.equal(2);
      expect(standIn.output()).to.include(code).and.to.include(name);
    }
  });
});
