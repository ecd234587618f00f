import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { MigrationError } from "../../errors/migration-error";
import type { Item } from "../../schema/attribute-value";
import { toSdkItem } from "../sdk-item";

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

type Body = AsyncIterable<Uint8Array> | Uint8Array;

/** Every item of one segment of a table, a page of at most 1 MB at a time. */
export async function* scanSegment(client: DynamoDBClient, segment: TableSegment): AsyncGenerator<readonly Item[]> {
  let start: Item | undefined;
  do {
    const page = await scanPage(client, segment, start);
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/**
 * The answer is read here and not taken from the AWS SDK, which loses the value of an attribute named `__proto__`; and
 * items in DynamoDB JSON are what an export holds anyway.
 */
async function scanPage(
  client: DynamoDBClient,
  { table, segment, segments }: TableSegment,
  start: Item | undefined,
): Promise<ScanAnswer> {
  const command = new ScanCommand({
    TableName: table,
    ConsistentRead: true,
    Segment: segment,
    TotalSegments: segments,
    ...(start === undefined ? {} : { ExclusiveStartKey: toSdkItem(start) }),
  });
  let answer: Uint8Array = new Uint8Array();
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as { readonly statusCode: number; body: Body };
      if (response.statusCode === 200) {
        answer = await bytesOf(response.body);
        response.body = answer;
      }
      return result;
    },
    // Just before the SDK reads the body, behind its own checks of it.
    { step: "deserialize", priority: "low" },
  );
  await client.send(command);
  return parseAnswer(answer, table);
}

async function bytesOf(body: Body): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseAnswer(answer: Uint8Array, table: string): ScanAnswer {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer)) as ScanAnswer;
  } catch {
    // Without the cause: JSON.parse quotes its input, which holds items.
    throw new MigrationError("E_TABLE_REQUEST", `DynamoDB table ${table}: an answer is no JSON text in UTF-8`);
  }
}
