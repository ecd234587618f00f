import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import { MigrationError } from "../../errors/migration-error";
import type { RemainingTime, StreamHandler } from "../../lambda/src/handler";
import { backoffMilliseconds, pause } from "./pause";

export interface Delivery {
  readonly handler: StreamHandler;
  /** Called with the sequence number up to which (inclusive) all records are published, each time it rises. */
  readonly onPublished: (sequenceNumber: string, records: number) => void;
  /** Called before each retry, with the number of failures in a row, and with zero once all is published. */
  readonly onFailures: (failures: number) => void;
  readonly onUnexpectedError: (error: unknown) => void;
  /** Wait before the first retry. */
  readonly backoffMilliseconds: number;
  readonly signal: AbortSignal;
}

/** After this time a batch that is not published counts as failed and is sent again: a Pub/Sub client may wait longer. */
const attemptMilliseconds = 60_000;
/** How long a stop waits for the batch under way. */
const stopMilliseconds = 10_000;

/**
 * Calls the handler with records as the event source mapping of Lambda does, with ReportBatchItemFailures and without a
 * limit of retries: from the lowest sequence number that failed, all again.
 *
 * @returns false if it was stopped before all were published.
 * @throws MigrationError what the handler throws because of its configuration or of the stream itself.
 */
export async function deliverRecords(records: readonly DynamoDBRecord[], delivery: Delivery): Promise<boolean> {
  let left = records;
  for (let failures = 0; left.length > 0; ) {
    if (delivery.signal.aborted) return false;
    const published = await publishedBefore(left, delivery);
    const last = left[published - 1]?.dynamodb?.SequenceNumber;
    if (last !== undefined) delivery.onPublished(last, published);
    left = left.slice(published);
    failures = left.length === 0 ? 0 : published > 0 ? 1 : failures + 1;
    delivery.onFailures(failures);
    if (failures > 0) await pause(backoffMilliseconds(failures, delivery.backoffMilliseconds), delivery.signal);
  }
  return true;
}

/** Calls the handler once; returns how many records, from the first one on, are published. */
async function publishedBefore(records: readonly DynamoDBRecord[], delivery: Delivery): Promise<number> {
  const expiry = performance.now() + attemptMilliseconds;
  const context: RemainingTime = { getRemainingTimeInMillis: () => Math.max(0, expiry - performance.now()) };
  try {
    const answer = delivery.handler({ Records: [...records] }, context);
    return publishedCount(records, await orStopped(answer, delivery.signal));
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    delivery.onUnexpectedError(error);
    return 0;
  }
}

/**
 * Reads the handler's answer. As with Lambda an identifier that is none of the batch's fails the whole batch
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
 */
function publishedCount(records: readonly DynamoDBRecord[], answer: DynamoDBBatchResponse | undefined): number {
  if (answer === undefined) return 0;
  const places = answer.batchItemFailures.map(({ itemIdentifier }) =>
    records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(records.length, ...places));
}

/** The work's result, or undefined when a stop has waited for it in vain. */
function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => resolve(undefined), stopMilliseconds);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    });
  });
}
