import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable, type TableKey } from "../../scripts/create-table";
import { dynamoDbLocalEnvironment, startDynamoDbLocal } from "../../scripts/emulators/dynamodb-local";
import { sharedServer } from "./shared-server";

/** Sets AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_DYNAMODB_STREAMS, region and credentials. */
export const dynamoDbLocal = sharedServer(startDynamoDbLocal, (address) => ({
  ...dynamoDbLocalEnvironment,
  // A dozen lines about Node versions in the midst of the test report.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  AWS_ENDPOINT_URL_DYNAMODB: `http://${address}`,
  AWS_ENDPOINT_URL_DYNAMODB_STREAMS: `http://${address}`,
}));

/** A client of DynamoDB Local; whoever asks for it destroys it. */
export async function testDynamoDb(): Promise<DynamoDBClient> {
  await dynamoDbLocal.running();
  return new DynamoDBClient({});
}

/** Makes a new, empty table with String keys and returns its name. */
export async function createTestTable(key: TableKey, options: { readonly streams?: boolean } = {}): Promise<string> {
  const client = await testDynamoDb();
  const name = `test-${randomBytes(8).toString("hex")}`;
  await createTable(client, name, key, options);
  client.destroy();
  return name;
}
