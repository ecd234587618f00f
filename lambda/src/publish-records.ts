import { MigrationError } from "../../errors/migration-error";
import type { RecordMessage } from "./record-message";

/** What publishing needs of a Pub/Sub topic with message ordering enabled. */
export interface OrderedTopic {
  /**
   * Resolves once Pub/Sub has stored the message. When it rejects, all later messages of the ordering key are rejected
   * as well until `resumePublishing` is called.
   */
  publishMessage(message: RecordMessage): Promise<unknown>;
  resumePublishing(orderingKey: string): void;
}

export interface PublishOutcome {
  /** Every message that is not known to be stored, in the order given. */
  readonly unpublished: readonly RecordMessage[];
  /** One for each ordering key that failed. */
  readonly errors: readonly unknown[];
  /** The deadline came before all publishing had ended. */
  readonly timedOut: boolean;
}

/** https://cloud.google.com/pubsub/quotas#resource_limits: 10 MB a message and a request, here with room for framing. */
export const MAX_MESSAGE_BYTES = 9_990_000;

/**
 * The messages of one ordering key that are handed to the client at once. The client makes requests of them, which may
 * not exceed 10 MB, but adds to a waiting request without looking at the size of what it adds.
 */
const MAX_GROUP_BYTES = 4_000_000;
const MAX_GROUP_MESSAGES = 1000;

/**
 * Publishes messages: those of one ordering key in the order given, different keys at the same time. Waits for all of
 * them, or until `deadline` (milliseconds from now). After a failure no later message of the same key is published.
 */
export async function publishRecords(
  messages: readonly RecordMessage[],
  topic: OrderedTopic,
  deadline = Number.POSITIVE_INFINITY,
): Promise<PublishOutcome> {
  const unpublished = new Set(messages);
  const errors: unknown[] = [];
  const abandoned = new AbortController();

  const publishOneKey = async (group: readonly RecordMessage[]): Promise<void> => {
    try {
      await publishInOrder(group, topic, abandoned.signal, (message) => unpublished.delete(message));
    } catch (error) {
      errors.push(error);
    }
  };
  const allEnded = Promise.all([...groupByKey(messages).values()].map(publishOneKey)).then(() => true);
  const ended = await Promise.race([allEnded, ...expiry(deadline, abandoned.signal)]);
  abandoned.abort();
  return { unpublished: messages.filter((message) => unpublished.has(message)), errors: [...errors], timedOut: !ended };
}

function groupByKey(messages: readonly RecordMessage[]): Map<string, RecordMessage[]> {
  const groups = new Map<string, RecordMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.orderingKey);
    if (group === undefined) groups.set(message.orderingKey, [message]);
    else group.push(message);
  }
  return groups;
}

/** Publishes the messages of one key; throws at the first that fails, when nothing of this key is under way any more. */
async function publishInOrder(
  messages: readonly RecordMessage[],
  topic: OrderedTopic,
  abandoned: AbortSignal,
  onPublished: (message: RecordMessage) => void,
): Promise<void> {
  for (const group of groupsBySize(messages)) {
    if (abandoned.aborted) return;
    requireSize(group);
    const results = await Promise.allSettled(
      group.map(async (message) => {
        await topic.publishMessage(message);
        onPublished(message);
      }),
    );
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) {
      // The client marks the key as failed a few microtasks after it has rejected the message: resuming before that
      // would leave the key blocked.
      await new Promise(setImmediate);
      topic.resumePublishing(group[0]?.orderingKey ?? "");
      throw failure.reason;
    }
  }
}

function* groupsBySize(messages: readonly RecordMessage[]): Generator<readonly RecordMessage[]> {
  let group: RecordMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (group.length === MAX_GROUP_MESSAGES || (group.length > 0 && bytes + messageBytes(message) > MAX_GROUP_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += messageBytes(message);
  }
  if (group.length > 0) yield group;
}

/** A message that is too large is alone in its group, so what came before it has been published. */
function requireSize([message]: readonly RecordMessage[]): void {
  if (message !== undefined && messageBytes(message) > MAX_MESSAGE_BYTES) {
    throw new MigrationError(
      "E_STREAM_RECORD_SIZE",
      `The record with sequence number ${message.attributes.sequenceNumber} of table ${message.attributes.table} makes a ` +
        `message of ${messageBytes(message)} bytes; Pub/Sub takes ${MAX_MESSAGE_BYTES} at most.`,
    );
  }
}

/** Attribute names and sequence numbers are short: 200 bytes hold them with the ordering key. */
function messageBytes({ data, attributes }: RecordMessage): number {
  return data.length + attributes.table.length + 200;
}

function expiry(deadline: number, cancelled: AbortSignal): readonly Promise<false>[] {
  if (!Number.isFinite(deadline)) return [];
  return [
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, deadline));
      cancelled.addEventListener("abort", () => clearTimeout(timer));
    }),
  ];
}
