import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";

const readySeconds = 120;

export interface TableKey {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

/**
 * Makes a DynamoDB table with String keys, paid for by request, and waits until it can be used. A table of that name
 * that exists already is kept as it is.
 *
 * @param streams also switches DynamoDB Streams on, with old and new images.
 */
export async function createTable(
  client: DynamoDBClient,
  table: string,
  { partitionKey, sortKey }: TableKey,
  { streams = false }: { readonly streams?: boolean } = {},
): Promise<void> {
  const keys = [
    { AttributeName: partitionKey, KeyType: "HASH" as const },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" as const }]),
  ];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        KeySchema: keys,
        AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
        BillingMode: "PAY_PER_REQUEST",
        ...(streams
          ? { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const } }
          : {}),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: readySeconds, minDelay: 1, maxDelay: 5 }, { TableName: table });
}
