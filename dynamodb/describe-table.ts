import type { DynamoDBClient, KeySchemaElement } from "@aws-sdk/client-dynamodb";
import { MigrationError } from "../errors/migration-error";
import { loadDynamoDbClient } from "./client-module";

/** A secondary index of a DynamoDB table. */
export interface SourceIndex {
  readonly name: string;
  /** Partition key, then sort key if it has one. */
  readonly attributes: readonly string[];
  /** What it holds besides keys: names, or everything. */
  readonly projected: "ALL" | readonly string[];
}

export interface TableDescription {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: readonly SourceIndex[];
  /** The attribute that says when an item expires, if Time to Live is on. */
  readonly timeToLive?: string;
}

/**
 * Keys, secondary indexes and Time to Live of a live table.
 * @throws MigrationError E_TABLE_REQUEST; the AWS SDK's own errors
 */
export async function describeTable(client: DynamoDBClient, table: string): Promise<TableDescription> {
  const { DescribeTableCommand, DescribeTimeToLiveCommand } = loadDynamoDbClient();
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const [partitionKey, sortKey] = keyNames(Table?.KeySchema);
  if (partitionKey === undefined) throw new MigrationError("E_TABLE_REQUEST", `DynamoDB table ${table} has no key`);
  const indexes = [...(Table?.GlobalSecondaryIndexes ?? []), ...(Table?.LocalSecondaryIndexes ?? [])].map(
    ({ IndexName, KeySchema, Projection }): SourceIndex => ({
      name: IndexName ?? "",
      attributes: keyNames(KeySchema),
      projected: Projection?.ProjectionType === "ALL" ? "ALL" : (Projection?.NonKeyAttributes ?? []),
    }),
  );
  const { TimeToLiveDescription: live } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const timeToLive = live?.TimeToLiveStatus === "ENABLED" ? live.AttributeName : undefined;
  return {
    partitionKey,
    ...(sortKey === undefined ? {} : { sortKey }),
    indexes,
    ...(timeToLive === undefined ? {} : { timeToLive }),
  };
}

function keyNames(schema: readonly KeySchemaElement[] | undefined): readonly string[] {
  const ofType = (type: string) =>
    (schema ?? []).flatMap((each) => (each.KeyType === type ? [each.AttributeName ?? ""] : []));
  return [...ofType("HASH"), ...ofType("RANGE")];
}
