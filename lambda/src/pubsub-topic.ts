import { PubSub } from "@google-cloud/pubsub";
import { MigrationError } from "../../errors/migration-error";
import type { TopicName } from "./configuration";
import type { PublisherTopic } from "./handler";
import { describeError } from "./publish-error";
import type { ServiceAccountKey } from "./service-account-key";

/** Longest wait for further messages of a key before a request is sent. The handler hands over all it has at once. */
const batchMilliseconds = 5;
const batchMessages = 1000;

/**
 * The topic as an ordered publisher. With PUBSUB_EMULATOR_HOST in the environment it is that of the emulator.
 *
 * @param key a service account's key; absent for Application Default Credentials.
 * @throws MigrationError E_LAMBDA_CREDENTIALS when there are no credentials or they can't be read. (Whether Google accepts
 *   them shows when something is published.)
 */
export async function openPubSubTopic({ project, topic }: TopicName, key?: ServiceAccountKey): Promise<PublisherTopic> {
  const client = new PubSub({ projectId: project, ...(key === undefined ? {} : { credentials: { ...key } }) });
  await requireCredentials(client);
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

/**
 * To be called before the first request: the client prepares all its methods with it, and where the credentials are
 * missing each one that is not called ends in an unhandled rejection, which ends the process.
 */
async function requireCredentials(client: PubSub): Promise<void> {
  if (client.isEmulator) return;
  try {
    await client.auth.getClient();
  } catch (error) {
    await client.close();
    throw new MigrationError(
      "E_LAMBDA_CREDENTIALS",
      `The credentials for Google Cloud can't be loaded. ${describeError(error)}`,
    );
  }
}
