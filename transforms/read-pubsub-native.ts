import type { PCollection, Root } from "apache-beam/pvalue";
import { asyncParDo } from "../beam/async-par-do";
import { nativePubSubRead } from "../beam/native-pubsub-read";
import type { ChangeMessage } from "./change-message";
import { DecodeMessage, messageContext } from "./decode-message";

/**
 * All messages of a subscription, as an unbounded collection, read by the runner itself: by Dataflow, and by no runner that
 * runs on this machine.
 *
 * @param subscription `projects/<project>/subscriptions/<name>`
 */
export function readPubSubNatively(subscription: string): (root: Root) => PCollection<ChangeMessage> {
  return (root) =>
    root.apply(nativePubSubRead("ReadChanges", subscription)).apply(asyncParDo(new DecodeMessage(), messageContext()));
}
