import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { type RunningCommand, startProgram } from "../support/command-line";
import { createTestTable, dynamoDbLocal, testDynamoDb } from "../support/dynamodb";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { createStreamFixture, type StreamFixture, until } from "./stream-fixture";

const STREAMS = join(__dirname, "../../scripts/streams/main.js");
const SAMPLE = "sample/migration.mapping.json";

/** DynamoDB, its stream, the publishing function, Pub/Sub, `stream`, Spanner: each the real thing or its emulator. */
describe("the tutorial's verification of a running replication", function () {
  this.timeout(240_000);
  dynamoDbLocal.use();
  pubSubEmulator.use();
  spannerEmulator.use();

  let dynamodb: DynamoDBClient;
  let table: string;
  let fixture: StreamFixture;
  let publisher: RunningCommand;
  let stream: RunningCommand;

  before(async () => {
    dynamodb = await testDynamoDb();
    table = await createTestTable({ partitionKey: "Username" }, { streams: true });
    const sample = JSON.parse(await readFile(SAMPLE, "utf8"));
    const mapping = { ...sample, source: { ...sample.source, table } };
    fixture = await createStreamFixture(mapping, { subscription: { enableMessageOrdering: true } });
    const checkpoint = join(fixture.folder, "checkpoint.json");
    publisher = startProgram(STREAMS, ["--table", table, "--topic", fixture.topic, "--checkpoint", checkpoint]);
    stream = fixture.start("tutorial");
    await Promise.all([
      publisher.waitForError(/Publishing the changes/),
      stream.waitForError(/Applying changes of test-/),
    ]);
  });
  after(async () => {
    publisher?.process.kill("SIGKILL");
    dynamodb?.destroy();
    await fixture?.remove();
  });

  const rows = () =>
    fixture.query(
      "SELECT Username, CAST(PointsEarned AS STRING) AS PointsEarned, CAST(ReminderDate AS STRING) AS ReminderDate, " +
        "Subscribed, CAST(Zipcode AS STRING) AS Zipcode FROM Migration WHERE Username = 'newuser'",
    );
  const untilRow = async (wanted: object | undefined) => {
    await until(async () => JSON.stringify(await rows()) === JSON.stringify(wanted === undefined ? [] : [wanted]));
  };
  const Key = { Username: { S: "newuser" } };

  it("1. the row does not exist", async () => {
    expect(await rows()).to.deep.equal([]);
  });

  it("2. an item is put: the row appears, with NULL for what the item lacks", async () => {
    await dynamodb.send(
      new PutItemCommand({ TableName: table, Item: { ...Key, Subscribed: { BOOL: false }, Zipcode: { N: "94107" } } }),
    );
    await untilRow({
      Username: "newuser",
      PointsEarned: null,
      ReminderDate: null,
      Subscribed: false,
      Zipcode: "94107",
    });
  });

  it("3. the item is updated: the row follows, and an attribute that goes becomes NULL", async () => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: "SET PointsEarned = :points, ReminderDate = :date, Subscribed = :yes REMOVE Zipcode",
        ExpressionAttributeValues: { ":points": { N: "4500" }, ":date": { S: "2026-02-28" }, ":yes": { BOOL: true } },
      }),
    );
    await untilRow({
      Username: "newuser",
      PointsEarned: "4500",
      ReminderDate: "2026-02-28",
      Subscribed: true,
      Zipcode: null,
    });
  });

  it("4. the item is deleted: the row is gone, and its version remains", async () => {
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }));
    await untilRow(undefined);
    expect(await fixture.query("SELECT Username, Deleted FROM Migration_Versions")).to.deep.equal([
      { Username: "newuser", Deleted: true },
    ]);
  });

  it("5. both ends stop when told to, everything accounted for", async () => {
    publisher.process.kill("SIGTERM");
    stream.process.kill("SIGTERM");
    expect((await publisher.finished).exitCode).to.equal(0);
    const { exitCode, stdout, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
    expect(stdout).to.match(/changes applied\s*│\s*3\b/);
    expect(await fixture.summary("tutorial")).to.include({ status: "proven", read: 3, applied: 3, written: 3 });
  });
});
