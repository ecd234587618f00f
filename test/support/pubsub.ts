import { randomBytes } from "node:crypto";
import { type CreateSubscriptionOptions, PubSub } from "@google-cloud/pubsub";
import { startPubSubEmulator } from "../../scripts/emulators/pubsub-emulator";
import { sharedServer } from "./shared-server";

export const pubSubProject = "test-project";

/** Sets PUBSUB_EMULATOR_HOST. */
export const pubSubEmulator = sharedServer(startPubSubEmulator, (address) => ({
  PUBSUB_EMULATOR_HOST: address,
  PUBSUB_PROJECT_ID: pubSubProject,
  METADATA_SERVER_DETECTION: "none",
}));

/** A client of the emulator; whoever asks for it closes it. */
export async function testPubSub(): Promise<PubSub> {
  await pubSubEmulator.running();
  return new PubSub({ projectId: pubSubProject });
}

/** Makes a new topic with one subscription; both are full resource names (`projects/…`). */
export async function createTestSubscription(
  options: CreateSubscriptionOptions = {},
): Promise<{ readonly topic: string; readonly subscription: string }> {
  const client = await testPubSub();
  const suffix = randomBytes(8).toString("hex");
  const [topic] = await client.createTopic(`test-${suffix}`);
  const [subscription] = await topic.createSubscription(`test-${suffix}`, options);
  await client.close();
  return { topic: topic.name, subscription: subscription.name };
}
