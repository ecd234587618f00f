import type { PCollection, Root } from "apache-beam/pvalue";
import { asyncParDo } from "../beam/async-par-do";
import { applyJavaTransform } from "../beam/java-transform";
import type { ChangeMessage } from "./change-message";
import { DecodeMessage, messageContext } from "./decode-message";

/**
 * All messages of a subscription, as an unbounded collection, by Beam's Pub/Sub source for Java (PubsubIO; ExternalRead.java
 * has its name and configuration). It leases messages for as long as it lives, and acknowledges those that it has handed on
 * when the runner has made a checkpoint after them.
 *
 * @param subscription `projects/<project>/subscriptions/<name>`
 */
export function readPubSub(
  subscription: string,
  expansionService: string,
): (root: Root) => Promise<PCollection<ChangeMessage>> {
  return async (root) => {
    const messages = await applyJavaTransform<Uint8Array>(root, {
      name: "ReadChanges",
      urn: "beam:transform:org.apache.beam:pubsub_read:v1",
      configuration: { subscription, with_attributes: true },
      expansionService,
    });
    return messages.apply(asyncParDo(new DecodeMessage(), messageContext()));
  };
}
