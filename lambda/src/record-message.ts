import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { MigrationError } from "../../errors/migration-error";
import { orderingKey } from "./ordering-key";

/** A DynamoDB Streams record as a Pub/Sub message. */
export interface RecordMessage {
  /** The whole record as Lambda hands it out, in JSON. */
  readonly data: Buffer;
  readonly attributes: {
    readonly table: string;
    readonly eventName: string;
    readonly sequenceNumber: string;
  };
  readonly orderingKey: string;
}

/** `arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL` */
const streamArn = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//;

/**
 * Makes the message of a record. The data keeps everything the record has, so that what reads the topic decides what it
 * needs: JSON.stringify gives back what JSON.parse read (numbers of items are strings in it, and `__proto__` stays an
 * own property); the one number is ApproximateCreationDateTime, which orders nothing.
 *
 * @throws MigrationError E_STREAM_VIEW for a stream without new images, E_STREAM_RECORD for anything else that is no
 *   DynamoDB Streams record. No message quotes the item.
 */
export function toMessage(record: DynamoDBRecord): RecordMessage {
  const table = streamArn.exec(record.eventSourceARN ?? "")?.[1];
  if (record.eventSource !== "aws:dynamodb" || table === undefined) {
    throw refuse(record, "its eventSource and eventSourceARN are not those of a DynamoDB stream");
  }
  const { eventName, dynamodb } = record;
  const sequenceNumber = dynamodb?.SequenceNumber;
  if (typeof sequenceNumber !== "string" || !/^[0-9]{1,40}$/.test(sequenceNumber)) {
    throw refuse(record, "it has no dynamodb.SequenceNumber");
  }
  if (eventName !== "INSERT" && eventName !== "MODIFY" && eventName !== "REMOVE") {
    throw refuse(record, "its eventName is none of INSERT, MODIFY and REMOVE");
  }
  requireNewImage(record, table);
  return {
    data: Buffer.from(JSON.stringify(record)),
    attributes: { table, eventName, sequenceNumber },
    orderingKey: orderingKey(table, requireKeys(record, dynamodb?.Keys)),
  };
}

/**
 * Without the new image a put can't be told from a delete later on, and its values are lost for good: better that the
 * function fails and the stream waits.
 */
function requireNewImage({ eventID, eventName, dynamodb }: DynamoDBRecord, table: string): void {
  const view = dynamodb?.StreamViewType;
  const hasNewImages = view === undefined || view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  if (!hasNewImages || (eventName !== "REMOVE" && dynamodb?.NewImage === undefined)) {
    throw new MigrationError(
      "E_STREAM_VIEW",
      `The stream of table ${table} has the view type ${view ?? "unknown"}: its records lack the new image of the item ` +
        `(first seen at record ${eventID ?? "without eventID"}).`,
    );
  }
}

function requireKeys(record: DynamoDBRecord, keys: Record<string, AttributeValue> | undefined) {
  const values = Object.values(keys ?? {});
  if (keys === undefined || values.length < 1 || values.length > 2 || !values.every(isKeyValue)) {
    throw refuse(record, "its dynamodb.Keys are not one or two attributes of type S, N or B");
  }
  return keys;
}

function isKeyValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const [[type, content] = [], ...others] = Object.entries(value);
  return others.length === 0 && (type === "S" || type === "N" || type === "B") && typeof content === "string";
}

function refuse(record: DynamoDBRecord, reason: string): MigrationError {
  return new MigrationError(
    "E_STREAM_RECORD",
    `The record ${record.eventID ?? "without eventID"} is not a DynamoDB Streams record: ${reason}.`,
  );
}
