import "apache-beam";
import { BytesCoder } from "apache-beam/coders/required_coders";
import * as runnerApi from "apache-beam/proto/beam_runner_api";
import type { PCollection, Root } from "apache-beam/pvalue";
import { type PTransform, withName } from "apache-beam/transforms/transform";

/** beam_runner_api.proto, StandardPTransforms.Composites.PUBSUB_READ: read by the runner itself, of which Dataflow is one. */
const PUBSUB_READ_URN = "beam:transform:pubsub_read:v1";

/**
 * The messages of a subscription, as an unbounded collection, each a serialised google.pubsub.v1.PubsubMessage whose
 * timestamp is its publish time (PubSubReadPayload, beam_runner_api.proto). No program of ours or of Java runs for it.
 *
 * The SDK for TypeScript has no such transform: its `readFromPubSub` (io/pubsub.js) starts a Java program to expand one.
 *
 * @param subscription `projects/<project>/subscriptions/<name>`
 */
export function nativePubSubRead(name: string, subscription: string): PTransform<Root, PCollection<Uint8Array>> {
  return withName(name, (_root: Root, pipeline: PCollection<unknown>["pipeline"], transform: runnerApi.PTransform) => {
    const payload = runnerApi.PubSubReadPayload.create({ subscription, withAttributes: true });
    transform.spec = { urn: PUBSUB_READ_URN, payload: runnerApi.PubSubReadPayload.toBinary(payload) };
    // Without a windowing strategy it gets the global one, as a root has no inputs (internal/pipeline.js:222).
    return pipeline.createPCollectionInternal<Uint8Array>(
      new BytesCoder(),
      undefined,
      runnerApi.IsBounded_Enum.UNBOUNDED,
    );
  });
}
