import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateTableCommand, UpdateTimeToLiveCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import type { Item } from "../../schema/attribute-value";
import { parseMapping } from "../../schema/mapping";
import { writeTable } from "../../scripts/fake-data/write-table";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { dynamoDbLocal, testDynamoDb } from "../support/dynamodb";
import { expectError, expectExit, PROCESS_MILLISECONDS } from "./load";

const items = Array.from(
  { length: 60 },
  (_, index): Item => ({
    Device: { S: `device-${index % 6}` },
    ReadAt: { N: String(1_700_000_000 + index) },
    City: { S: index % 2 === 0 ? "Zürich" : "東京" },
    Celsius: { N: `${index}.5` },
    ["__proto__"]: { S: "an attribute like any other" },
  }),
);

/** A table with a global and a local secondary index and Time to Live; its items are those above. */
async function createReadings(): Promise<string> {
  const client = await testDynamoDb();
  const table = `readings-${randomBytes(6).toString("hex")}`;
  const hash = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
  const range = (AttributeName: string) => ({ AttributeName, KeyType: "RANGE" as const });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      KeySchema: [hash("Device"), range("ReadAt")],
      AttributeDefinitions: [
        { AttributeName: "Device", AttributeType: "S" },
        { AttributeName: "ReadAt", AttributeType: "N" },
        { AttributeName: "City", AttributeType: "S" },
        { AttributeName: "Celsius", AttributeType: "N" },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "warmest",
          KeySchema: [hash("Device"), range("Celsius")],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-city",
          KeySchema: [hash("City"), range("ReadAt")],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["Celsius"] },
        },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: table });
  const TimeToLiveSpecification = { AttributeName: "Expires", Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  await writeTable(client, table, [items]);
  client.destroy();
  return table;
}

describe("profile --source-table", function () {
  this.timeout(PROCESS_MILLISECONDS);
  dynamoDbLocal.use();
  const folder = useFolder();

  it("takes key, secondary indexes and Time to Live from the table, and types from some of its items", async () => {
    const table = await createReadings();
    const out = join(folder(), "mapping.json");
    const profiled = await runCommand(["profile", "--source-table", table, "--out", out]);
    expectExit(profiled, 0);
    expect(profiled.stderr).to.include("60 items convert").and.to.include("That is a sample");
    expect(profiled.stderr).to.include('Items expire by "Expires"');
    const mapping = parseMapping(await readFile(out, "utf8"), out);
    expect(mapping.source).to.deep.equal({ table, partitionKey: "Device", sortKey: "ReadAt" });
    const name = table.replace("-", "_");
    expect(mapping.tables).to.deep.equal([
      {
        name,
        primaryKey: ["Device", "ReadAt"],
        columns: {
          Device: { type: "STRING(2048)" },
          ReadAt: { type: "INT64" },
          City: { type: "STRING(MAX)" },
          Celsius: { type: "NUMERIC" },
          proto__: { type: "STRING(MAX)", from: "__proto__" },
        },
        otherAttributes: { column: "OtherAttributes" },
        indexes: [
          { name: `${name}_by_city`, columns: ["City", "ReadAt"], storing: ["Celsius"], nullFiltered: true },
          { name: `${name}_warmest`, columns: ["Device", "Celsius"], nullFiltered: true },
        ],
      },
    ]);
  });

  it("reads no more than --sample, and says which table can't be read", async () => {
    const table = await createReadings();
    const out = join(folder(), "mapping.json");
    const profiled = await runCommand(["profile", "--source-table", table, "--out", out, "--sample", "8"]);
    expectExit(profiled, 0);
    expect(profiled.stderr).to.match(/Proven: [1-8] items convert/);
    const missing = await runCommand([
      "profile",
      "--source-table",
      "no-such-table",
      "--out",
      join(folder(), "other.json"),
    ]);
    expectError(missing, "E_TABLE_REQUEST", /no-such-table/);
  });
});
