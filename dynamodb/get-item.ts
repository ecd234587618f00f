import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Item } from "../schema/attribute-value";
import { loadDynamoDbClient } from "./client-module";
import { rawAnswer } from "./raw-answer";
import { toSdkItem } from "./sdk-item";

/**
 * One item as it is now, by a consistent read, in DynamoDB JSON that is not checked yet; undefined if there is none.
 * @throws MigrationError E_TABLE_REQUEST; the AWS SDK's own errors
 */
export async function getItem(client: DynamoDBClient, table: string, key: Item): Promise<Item | undefined> {
  const { GetItemCommand } = loadDynamoDbClient();
  const command = new GetItemCommand({ TableName: table, Key: toSdkItem(key), ConsistentRead: true });
  const answer = (await rawAnswer(client, command, table)) as { readonly Item?: Item };
  return Object.hasOwn(answer, "Item") ? answer.Item : undefined;
}
