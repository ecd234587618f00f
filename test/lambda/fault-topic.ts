import type { PublisherTopic } from "../../lambda/src/handler";
import type { RecordMessage } from "../../lambda/src/record-message";

export interface FaultTopic extends PublisherTopic {
  /** What Pub/Sub has stored, in its order. */
  readonly stored: readonly RecordMessage[];
  readonly resumed: readonly string[];
  readonly closed: boolean;
}

/**
 * A topic that keeps the promises of the real client: the messages of one ordering key are stored one after the other;
 * after one has failed, all further ones of its key are rejected until publishing is resumed.
 *
 * @param failure returns the error with which a message fails, or "hang" for one that is never answered.
 */
export function faultTopic(failure: (message: RecordMessage) => unknown): FaultTopic {
  const stored: RecordMessage[] = [];
  const resumed: string[] = [];
  const blocked = new Map<string, unknown>();
  const queues = new Map<string, Promise<unknown>>();
  let closed = false;

  const store = async (message: RecordMessage): Promise<void> => {
    await new Promise(setImmediate);
    if (blocked.has(message.orderingKey)) throw blocked.get(message.orderingKey);
    const error = failure(message);
    if (error === "hang") await new Promise(() => undefined);
    if (error !== undefined) {
      blocked.set(message.orderingKey, error);
      throw error;
    }
    stored.push(message);
  };
  return {
    stored,
    resumed,
    get closed() {
      return closed;
    },
    publishMessage: (message) => {
      const before = queues.get(message.orderingKey) ?? Promise.resolve();
      const result = before.catch(() => undefined).then(() => store(message));
      queues.set(message.orderingKey, result);
      return result;
    },
    resumePublishing: (orderingKey) => {
      resumed.push(orderingKey);
      blocked.delete(orderingKey);
    },
    close: async () => {
      closed = true;
    },
  };
}

export function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details });
}
