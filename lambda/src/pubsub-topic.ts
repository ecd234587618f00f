import { PubSub } from "@google-cloud/pubsub";
import type { TopicName } from "./configuration";
import type { PublisherTopic } from "./handler";
import type { ServiceAccountKey } from "./service-account-key";

/** Longest wait for further messages of a key before a request is sent. The handler hands over all it has at once. */
const batchMilliseconds = 5;
const batchMessages = 1000;

/**
 * The topic as an ordered publisher. With PUBSUB_EMULATOR_HOST in the environment it is that of the emulator.
 *
 * @param key a service account's key; absent for Application Default Credentials.
 */
export function openPubSubTopic({ project, topic }: TopicName, key?: ServiceAccountKey): PublisherTopic {
  const client = new PubSub({ projectId: project, ...(key === undefined ? {} : { credentials: { ...key } }) });
  const publisher = client.topic(topic, {
    messageOrdering: true,
    batching: { maxMilliseconds: batchMilliseconds, maxMessages: batchMessages },
  });
  return {
    publishMessage: (message) => publisher.publishMessage(message),
    resumePublishing: (orderingKey) => publisher.resumePublishing(orderingKey),
    close: () => client.close(),
  };
}
