import { setTimeout as pause } from "node:timers/promises";
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { toSdkItem } from "../../dynamodb/sdk-item";
import { MigrationError } from "../../errors/migration-error";
import type { Item } from "../../schema/attribute-value";

/** BatchWriteItem takes no more (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). */
const batchItems = 25;
const defaultBatchesInFlight = 8;
const firstPauseMilliseconds = 50;
const longestPauseMilliseconds = 20_000;
/** With the pauses above, some five minutes without a single item taken. */
const attemptsWithoutProgress = 20;

/** What DynamoDB calls "not now"; the same as leaving every item of the batch unprocessed. */
const throttlingErrors: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "LimitExceededException",
]);

export interface TableWriteOptions {
  readonly batchesInFlight?: number;
  readonly onItems?: (count: number) => void;
  /** Replaced by tests. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Puts items into a DynamoDB table. Items that DynamoDB leaves unprocessed, and batches that it throttles, are tried
 * again after pauses that double, with jitter.
 *
 * @param pages no two items within a page share a key: DynamoDB refuses such a batch.
 * @returns the number of items written.
 * @throws MigrationError E_TABLE_THROTTLED when nothing is taken for minutes; the SDK's own errors otherwise.
 */
export async function writeTable(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  pages: Iterable<readonly Item[]>,
  options: TableWriteOptions = {},
): Promise<number> {
  const batches = batchesOf(pages);
  let written = 0;
  // Each of these takes the next batch when it has written one: an iterator hands a batch out once.
  const writers = Array.from({ length: options.batchesInFlight ?? defaultBatchesInFlight }, async () => {
    for (const batch of batches) {
      await writeBatch(client, table, batch, options.wait ?? pause);
      written += batch.length;
      options.onItems?.(batch.length);
    }
  });
  await Promise.all(writers);
  return written;
}

function* batchesOf(pages: Iterable<readonly Item[]>): Generator<readonly WriteRequest[]> {
  for (const page of pages) {
    for (let start = 0; start < page.length; start += batchItems) {
      const items = page.slice(start, start + batchItems);
      yield items.map((item) => ({ PutRequest: { Item: toSdkItem(item) } }));
    }
  }
}

async function writeBatch(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  batch: readonly WriteRequest[],
  wait: (milliseconds: number) => Promise<unknown>,
): Promise<void> {
  let left = batch;
  let attempts = 0;
  for (;;) {
    const unprocessed = await unprocessedOf(client, table, left);
    if (unprocessed.length === 0) return;
    attempts = unprocessed.length < left.length ? 0 : attempts + 1;
    if (attempts === attemptsWithoutProgress) {
      throw new MigrationError(
        "E_TABLE_THROTTLED",
        `DynamoDB took no item of the table ${table} in ${attempts} attempts`,
      );
    }
    left = unprocessed;
    const ceiling = Math.min(firstPauseMilliseconds * 2 ** attempts, longestPauseMilliseconds);
    await wait(ceiling * (0.5 + Math.random() / 2));
  }
}

async function unprocessedOf(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  batch: readonly WriteRequest[],
): Promise<readonly WriteRequest[]> {
  try {
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: [...batch] } }),
    );
    return UnprocessedItems?.[table] ?? [];
  } catch (error) {
    if (error instanceof Error && throttlingErrors.has(error.name)) return batch;
    throw error;
  }
}
