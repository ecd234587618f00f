import type { DynamoDBRecord } from "aws-lambda";

export const streamArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000";

/** A put of the item `id`, as Lambda hands it out. */
export function putRecord(id: string, sequenceNumber: string, secret = "item-value"): DynamoDBRecord {
  const image = { PK: { S: id }, Note: { S: secret }, Picture: { B: "AP8=" } };
  return {
    eventID: `event-${sequenceNumber}`,
    eventName: "MODIFY",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    eventSourceARN: streamArn,
    awsRegion: "eu-west-1",
    dynamodb: {
      ApproximateCreationDateTime: 1_767_225_600,
      Keys: { PK: { S: id } },
      NewImage: image,
      OldImage: image,
      SequenceNumber: sequenceNumber,
      SizeBytes: 60,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
}
