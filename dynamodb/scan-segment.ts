import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Item } from "../schema/attribute-value";
import { loadDynamoDbClient } from "./client-module";
import { rawAnswer } from "./raw-answer";
import { toSdkItem } from "./sdk-item";

export interface TableSegment {
  readonly table: string;
  /** Which of the `segments` parts of the table, from 0 on. */
  readonly segment: number;
  readonly segments: number;
}

/** What DynamoDB answers to a Scan, in its own JSON. */
interface ScanAnswer {
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

/** Every item of one segment of a table, by consistent reads, a page of at most 1 MB at a time. */
export async function* scanSegment(
  client: DynamoDBClient,
  { table, segment, segments }: TableSegment,
): AsyncGenerator<readonly Item[]> {
  const { ScanCommand } = loadDynamoDbClient();
  let start: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      Segment: segment,
      TotalSegments: segments,
      ...(start === undefined ? {} : { ExclusiveStartKey: toSdkItem(start) }),
    });
    const page = (await rawAnswer(client, command, table)) as ScanAnswer;
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
