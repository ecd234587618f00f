import type { Message } from "@google-cloud/pubsub";
import { testPubSub } from "../support/pubsub";

/** Receives and acknowledges the messages of a subscription until `enough` says so of all that have come. */
export async function receiveMessages(
  subscription: string,
  enough: (messages: readonly Message[]) => boolean,
): Promise<readonly Message[]> {
  const client = await testPubSub();
  const receiver = client.subscription(subscription);
  const messages: Message[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      receiver.on("error", reject);
      receiver.on("message", (message: Message) => {
        messages.push(message);
        message.ack();
        if (enough(messages)) resolve();
      });
    });
    return messages;
  } finally {
    await receiver.close();
    await client.close();
  }
}
