import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { MigrationError } from "../../errors/migration-error";
import { describeError, needsNewClient } from "./publish-error";
import { type OrderedTopic, publishRecords } from "./publish-records";
import { type RecordMessage, toMessage } from "./record-message";

export interface PublisherTopic extends OrderedTopic {
  close(): Promise<void>;
}

/** One line of the function's log. It never holds anything of an item. */
export interface LogLine {
  readonly level: "error";
  readonly message: string;
  /** Records of this batch. */
  readonly records: number;
  /** How many of them are not known to be published. */
  readonly unpublished: number;
  /** Sequence number from which AWS sends the batch again. */
  readonly retryFrom: string;
  /** At most a few: the same failure usually meets many keys. */
  readonly errors: readonly string[];
}

export interface HandlerParts {
  /** Called at the first batch, and again after a failure that only a new client can mend. */
  readonly openTopic: () => Promise<PublisherTopic>;
  readonly log: (line: LogLine) => void;
}

/** What the handler uses of Lambda's context: how long it may still run. */
export type RemainingTime = Pick<Context, "getRemainingTimeInMillis">;

export type StreamHandler = (event: DynamoDBStreamEvent, context?: RemainingTime) => Promise<DynamoDBBatchResponse>;

/** Kept back from the function's time limit for the answer and the log. */
const answerMilliseconds = 1000;
const errorsLogged = 5;

/**
 * Makes a Lambda handler for a DynamoDB Streams event source whose mapping has ReportBatchItemFailures.
 *
 * It publishes every record of the batch as a message and waits for all. If some fail it answers with the lowest
 * sequence number that is not published, which AWS takes as the point to go on from: records after it are sent again
 * even if they were published (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html), so
 * messages come at least once.
 *
 * The handler throws, and AWS retries the whole batch, when nothing can be published at all: E_LAMBDA_CONFIGURATION,
 * E_LAMBDA_CREDENTIALS, E_STREAM_VIEW, E_STREAM_RECORD. Then nothing of the batch has been published.
 */
export function createHandler({ openTopic, log }: HandlerParts): StreamHandler {
  let opened: Promise<PublisherTopic> | undefined;

  const currentTopic = (): Promise<PublisherTopic> => {
    if (opened === undefined) {
      const opening = openTopic();
      opened = opening;
      opening.catch(() => discard(opening));
    }
    return opened;
  };
  const discard = (topic: Promise<PublisherTopic>): void => {
    if (opened === topic) opened = undefined;
  };

  return async (event, context) => {
    const messages = recordsOf(event).map(toMessage);
    if (messages.length === 0) return { batchItemFailures: [] };
    const topic = currentTopic();
    const outcome = await publishRecords(messages, await topic, publishMilliseconds(context));
    const retryFrom = lowestSequenceNumber(outcome.unpublished);
    if (retryFrom === undefined) return { batchItemFailures: [] };

    if (outcome.timedOut || outcome.errors.some(needsNewClient)) {
      // A client that still tries to send must not go on with it when the environment is woken for the next batch.
      discard(topic);
      closeInBackground(await topic);
    }
    log({
      level: "error",
      message: outcome.timedOut
        ? "The function's time was over before all records were published."
        : "Publishing failed.",
      records: messages.length,
      unpublished: outcome.unpublished.length,
      retryFrom,
      errors: [...new Set(outcome.errors.map(describeError))].slice(0, errorsLogged),
    });
    return { batchItemFailures: [{ itemIdentifier: retryFrom }] };
  };
}

/** A test event from the console, or another event source, may have anything in place of records. */
function recordsOf(event: Partial<DynamoDBStreamEvent>): readonly DynamoDBRecord[] {
  if (Array.isArray(event.Records)) return event.Records;
  throw new MigrationError("E_STREAM_RECORD", "The event has no Records: it is not from a DynamoDB stream.");
}

function publishMilliseconds(context: RemainingTime | undefined): number {
  return context === undefined ? Number.POSITIVE_INFINITY : context.getRemainingTimeInMillis() - answerMilliseconds;
}

/** Sequence numbers are integers of varying length: only as integers do they compare rightly. */
function lowestSequenceNumber(messages: readonly RecordMessage[]): string | undefined {
  const numbers = messages.map(({ attributes }) => attributes.sequenceNumber);
  return numbers.reduce<string | undefined>(
    (lowest, number) => (lowest === undefined || BigInt(number) < BigInt(lowest) ? number : lowest),
    undefined,
  );
}

function closeInBackground(topic: PublisherTopic): void {
  topic.close().catch(() => {
    // It is of no use any more; what it had not published is reported already.
  });
}
