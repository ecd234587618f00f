import { protos, v1 } from "@google-cloud/pubsub";
import type { GrpcProxy } from "../support/grpc-proxy";
import { testPubSub } from "../support/pubsub";

const { AcknowledgeRequest, ModifyAckDeadlineRequest } = protos.google.pubsub.v1;

/** What the streams behind a proxy of Pub/Sub hold and have acknowledged. */
export interface Leases {
  /** Leases of which an acknowledgement has come as far as the proxy. */
  readonly acknowledged: Set<string>;
  /** Ends all leases, as their time does: a process that was killed leaves them for a minute. */
  expire(subscription: string): Promise<void>;
}

export function watchLeases(proxy: GrpcProxy): Leases {
  const acknowledged = new Set<string>();
  const leased = new Set<string>();
  proxy.watch("Acknowledge", (request) => {
    for (const id of AcknowledgeRequest.decode(request).ackIds) acknowledged.add(id);
  });
  // The client confirms each delivery with one.
  proxy.watch("ModifyAckDeadline", (request) => {
    for (const id of ModifyAckDeadlineRequest.decode(request).ackIds) leased.add(id);
  });
  return {
    acknowledged,
    async expire(subscription) {
      const pubsub = await testPubSub();
      const options = (await pubsub.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0];
      const client = new v1.SubscriberClient(options);
      await client.modifyAckDeadline({ subscription, ackIds: [...leased], ackDeadlineSeconds: 0 });
      await Promise.all([client.close(), pubsub.close()]);
      leased.clear();
    },
  };
}
