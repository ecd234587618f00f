import type { DynamoDBRecord } from "aws-lambda";
import { MigrationError } from "../../errors/migration-error";

interface StreamsIdentity {
  readonly PrincipalId?: string;
  readonly Type?: string;
}

type StreamsRecord = Omit<DynamoDBRecord, "userIdentity"> & { readonly userIdentity?: StreamsIdentity };

/**
 * The records of a GetRecords answer as a Lambda event has them. On the wire they almost have that shape: binary values
 * in base64 and the creation time in epoch seconds. What differs is the name of the stream, which Lambda adds, and the
 * spelling of `userIdentity` (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html).
 *
 * The answer is read here and not taken from the AWS SDK: that loses the value of an attribute named `__proto__`, and
 * turns values into types that would have to be turned back.
 *
 * @throws MigrationError E_STREAM_READ when the answer is not the JSON in UTF-8 that the protocol promises.
 */
export function lambdaRecords(answer: Uint8Array, streamArn: string): readonly DynamoDBRecord[] {
  return parseAnswer(answer).map(({ userIdentity, ...record }) => ({
    ...record,
    eventSourceARN: streamArn,
    ...(userIdentity === undefined || userIdentity === null
      ? {}
      : { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  }));
}

function parseAnswer(answer: Uint8Array): readonly StreamsRecord[] {
  try {
    const { Records } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer)) as {
      Records?: readonly StreamsRecord[];
    };
    return Records ?? [];
  } catch {
    // Without the cause: JSON.parse quotes its input, which holds items.
    throw new MigrationError("E_STREAM_READ", "An answer of DynamoDB Streams is no JSON text in UTF-8.");
  }
}
