import { PubSub } from "@google-cloud/pubsub";
import { readSubscription, type SubscriptionSettings } from "./check-subscription";

/**
 * How a subscription is set up now; nothing is pulled.
 * @param name `projects/…/subscriptions/…`
 * @returns undefined if it may not be seen, though it may be pulled
 * @throws MigrationError E_PUBSUB_…, within 40 seconds
 */
export async function lookAtSubscription(project: string, name: string): Promise<SubscriptionSettings | undefined> {
  const pubsub = new PubSub({ projectId: project });
  try {
    return await readSubscription(pubsub, name);
  } finally {
    await pubsub.close();
  }
}
