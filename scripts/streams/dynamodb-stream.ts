import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { MigrationError } from "../../errors/migration-error";
import { lambdaRecords } from "./lambda-records";
import { classifyStreamError } from "./stream-error";
import type { RecordsPage, Shard, StreamPosition, StreamSource } from "./stream-source";

/** The most that GetRecords returns at once. */
const pageRecords = 1000;
/** A request that got lost must not hold up its shard: without limits the SDK waits for ever. */
export const requestLimits = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true } as const;

/**
 * The ARN of a table's stream.
 *
 * @throws MigrationError E_STREAM_DISABLED, E_STREAM_VIEW, E_STREAM_READ.
 */
export async function findStream(table: string): Promise<string> {
  const client = new DynamoDBClient({ requestHandler: requestLimits });
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    const { StreamEnabled, StreamViewType: view } = Table?.StreamSpecification ?? {};
    if (StreamEnabled !== true || Table?.LatestStreamArn === undefined) {
      throw new MigrationError("E_STREAM_DISABLED", `The table ${table} has no stream.`);
    }
    if (view !== "NEW_IMAGE" && view !== "NEW_AND_OLD_IMAGES") {
      throw new MigrationError("E_STREAM_VIEW", `The stream of table ${table} has the view type ${view}.`);
    }
    return Table.LatestStreamArn;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      throw new MigrationError("E_STREAM_DISABLED", `There is no table ${table} in this account and region.`);
    }
    const failure = classifyStreamError(error, `Table ${table}`);
    if (failure.kind === "fatal") throw failure.error;
    const reason = failure.kind === "transient" ? failure.reason : `Table ${table}`;
    throw new MigrationError("E_STREAM_READ", `DynamoDB can't be reached. ${reason}`, { cause: error });
  } finally {
    client.destroy();
  }
}

/** A DynamoDB stream behind the interface that the rest of this folder reads. */
export function dynamoDbStream(client: DynamoDBStreamsClient, arn: string): StreamSource {
  return {
    arn,
    shards: (abortSignal) => listShards(client, arn, abortSignal),
    iterator: async (shardId, position, abortSignal) => {
      const command = new GetShardIteratorCommand({ StreamArn: arn, ShardId: shardId, ...iteratorType(position) });
      const { ShardIterator } = await client.send(command, { abortSignal });
      return ShardIterator ?? "";
    },
    records: (iterator, abortSignal) => getRecords(client, arn, iterator, abortSignal),
  };
}

async function listShards(client: DynamoDBStreamsClient, arn: string, abortSignal: AbortSignal): Promise<Shard[]> {
  const shards: Shard[] = [];
  let lastShardId: string | undefined;
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: arn, ExclusiveStartShardId: lastShardId }),
      { abortSignal },
    );
    for (const { ShardId, ParentShardId, SequenceNumberRange } of StreamDescription?.Shards ?? []) {
      const closed = SequenceNumberRange?.EndingSequenceNumber !== undefined;
      shards.push({ id: ShardId ?? "", closed, ...(ParentShardId === undefined ? {} : { parent: ParentShardId }) });
    }
    lastShardId = StreamDescription?.LastEvaluatedShardId;
  } while (lastShardId !== undefined);
  return shards;
}

function iteratorType(position: StreamPosition) {
  switch (position.kind) {
    case "oldest":
      return { ShardIteratorType: "TRIM_HORIZON" } as const;
    case "latest":
      return { ShardIteratorType: "LATEST" } as const;
    case "after":
      return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: position.sequenceNumber } as const;
  }
}

async function getRecords(
  client: DynamoDBStreamsClient,
  arn: string,
  iterator: string,
  abortSignal: AbortSignal,
): Promise<RecordsPage> {
  const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: pageRecords });
  let answer: Uint8Array = new Uint8Array();
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> | Uint8Array };
      if (response.statusCode === 200) {
        answer = Buffer.concat(await chunksOf(response.body));
        response.body = answer;
      }
      return result;
    },
    { step: "deserialize", priority: "low" },
  );
  const { NextShardIterator } = await client.send(command, { abortSignal });
  const records = lambdaRecords(answer, arn);
  return NextShardIterator === undefined ? { records } : { records, next: NextShardIterator };
}

async function chunksOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<readonly Uint8Array[]> {
  if (body instanceof Uint8Array) return [body];
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}
