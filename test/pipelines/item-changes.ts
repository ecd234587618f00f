import type { DynamoDBRecord } from "aws-lambda";
import { ddlStatements, progressStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { RUNS_TABLE } from "../../schema/progress-table";
import { randomAt } from "../../scripts/fake-data/random";

/** A table with a String key `Id`, and the table of Spanner that it becomes. */
export const itemsMapping = {
  source: { table: "Items", partitionKey: "Id" },
  tables: [
    {
      name: "Items",
      primaryKey: ["Id"],
      columns: { Id: { type: "STRING(64)" }, Value: { type: "INT64" }, Note: { type: "STRING(MAX)" } },
    },
  ],
};

/**
 * The tables and version tables of a mapping, and those for the progress of loads. Not the table of runs: the commit of a
 * run's record would be the first that a test catches on its way.
 */
export function ddlOf(mapping: object): readonly string[] {
  const ddl = ddlStatements(planMigration(parseMapping(JSON.stringify(mapping), "mapping.json")), "googlesql");
  const progress = progressStatements("googlesql").filter((statement) => !statement.includes(RUNS_TABLE));
  return [...ddl.tables, ...ddl.versionTables, ...progress];
}

type Attributes = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["Keys"]>;

export interface RecordOptions {
  readonly table?: string;
  /** By default a MODIFY where there is an image, and a REMOVE where there is none. */
  readonly eventName?: "INSERT" | "MODIFY" | "REMOVE";
  readonly userIdentity?: DynamoDBRecord["userIdentity"];
}

/** A record as Lambda hands it out; `image` holds the attributes beside the keys, undefined stands for a delete. */
export function changeRecord(
  keys: Attributes,
  sequence: number,
  image: Attributes | undefined,
  options: RecordOptions = {},
): DynamoDBRecord {
  const { table = "Items", eventName = image === undefined ? "REMOVE" : "MODIFY", userIdentity } = options;
  return {
    eventID: `event-${sequence}`,
    eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    eventSourceARN: `arn:aws:dynamodb:eu-west-1:123456789012:table/${table}/stream/2026-01-01T00:00:00.000`,
    awsRegion: "eu-west-1",
    ...(userIdentity === undefined ? {} : { userIdentity }),
    dynamodb: {
      ApproximateCreationDateTime: 1_767_225_600,
      Keys: keys,
      ...(image === undefined ? {} : { NewImage: { ...keys, ...image } }),
      SequenceNumber: sequenceNumber(sequence),
      SizeBytes: 60,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
}

/** Of DynamoDB's own length. */
function sequenceNumber(sequence: number): string {
  return String(100_000_000_000_000_000_000n + BigInt(sequence));
}

/** A put of an item of {@link itemsMapping}. */
export function putItem(id: string, value: number, sequence: number): DynamoDBRecord {
  return changeRecord({ Id: { S: id } }, sequence, { Value: { N: String(value) } });
}

export function deleteItem(id: string, sequence: number): DynamoDBRecord {
  return changeRecord({ Id: { S: id } }, sequence, undefined);
}

/** A delete by Time to Live. */
export function expireItem(id: string, sequence: number): DynamoDBRecord {
  const userIdentity = { type: "Service", principalId: "dynamodb.amazonaws.com" };
  return changeRecord({ Id: { S: id } }, sequence, undefined, { userIdentity });
}

/** Puts and deletes of items of {@link itemsMapping} in the order of their sequence numbers; the same for the same seed. */
export function randomChanges(options: {
  readonly seed: number;
  readonly items: number;
  readonly changes: number;
}): readonly DynamoDBRecord[] {
  const random = randomAt(options.seed, 0);
  return Array.from({ length: options.changes }, (_, sequence) => {
    const keys = { Id: { S: `item-${random.integer(options.items)}` } };
    if (random.chance(0.2)) return changeRecord(keys, sequence + 1, undefined);
    const note: Attributes = random.chance(0.5) ? { Note: { S: `note ${sequence}` } } : {};
    return changeRecord(keys, sequence + 1, { Value: { N: String(sequence) }, ...note });
  });
}

/** In another order, with one record in `duplicateEvery` twice. */
export function shuffled(
  records: readonly DynamoDBRecord[],
  seed: number,
  duplicateEvery: number,
): readonly DynamoDBRecord[] {
  const random = randomAt(seed, 1);
  const all = [...records, ...records.filter((_, index) => index % duplicateEvery === 0)];
  return all
    .map((record) => ({ record, place: random.integer(2 ** 32) }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ record }) => record);
}

/** A row of the table and one of its version table, as {@link finalState} and the fixture's queries give them. */
export interface ItemState {
  readonly id: string;
  readonly value: string | null;
  readonly note: string | null;
}

export interface TableState {
  readonly rows: readonly ItemState[];
  /** `id sequence-number deleted` of each item that a change was seen of. */
  readonly versions: readonly string[];
}

/** What must be in Spanner after the records, whatever their order. */
export function finalState(records: readonly DynamoDBRecord[]): TableState {
  const newest = new Map<string, DynamoDBRecord>();
  for (const record of records) {
    const id = record.dynamodb?.Keys?.["Id"]?.S ?? "";
    if (orderOf(record) >= orderOf(newest.get(id))) newest.set(id, record);
  }
  const sorted = [...newest].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return {
    rows: sorted.flatMap(([id, { dynamodb }]) => {
      const image = dynamodb?.NewImage;
      return image === undefined ? [] : [{ id, value: image["Value"]?.N ?? null, note: image["Note"]?.S ?? null }];
    }),
    versions: sorted.map(
      ([id, { dynamodb }]) =>
        `${id} ${dynamodb?.SequenceNumber?.padStart(40, "0")} ${dynamodb?.NewImage === undefined}`,
    ),
  };
}

function orderOf(record: DynamoDBRecord | undefined): bigint {
  return BigInt(record?.dynamodb?.SequenceNumber ?? "-1");
}
