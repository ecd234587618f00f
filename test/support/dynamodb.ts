import { randomBytes } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { dynamoDbLocalEnvironment, startDynamoDbLocal } from "../../scripts/emulators/dynamodb-local";
import { sharedServer } from "./shared-server";

const tableSeconds = 30;

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

/** Makes a new, empty on-demand table with string keys and returns its name. */
export async function createTestTable(
  key: { readonly partitionKey: string; readonly sortKey?: string },
  options: Pick<CreateTableCommandInput, "StreamSpecification"> = {},
): Promise<string> {
  const client = await testDynamoDb();
  const name = `test-${randomBytes(8).toString("hex")}`;
  const keys = [
    { AttributeName: key.partitionKey, KeyType: "HASH" as const },
    ...(key.sortKey === undefined ? [] : [{ AttributeName: key.sortKey, KeyType: "RANGE" as const }]),
  ];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: keys,
      AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
      BillingMode: "PAY_PER_REQUEST",
      ...options,
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: tableSeconds, minDelay: 1 }, { TableName: name });
  client.destroy();
  return name;
}
