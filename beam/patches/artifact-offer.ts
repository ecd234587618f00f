import "apache-beam";
import type { IArtifactStagingServiceClient } from "apache-beam/proto/beam_artifact_api.client";
import * as artifacts from "apache-beam/runners/artifacts";

type OfferArtifacts = typeof artifacts.offerArtifacts;

/**
 * Before a job starts, the SDK offers its files to the runner and waits for the whole call (runners/artifacts.js:170),
 * headers included. A runner that wants no files may end the call with a status alone; then there are no headers and the
 * SDK waits for ever. With this patch it waits for the status, which says whether the call has succeeded.
 */
export function installArtifactOffer(): void {
  const offerArtifacts = artifacts.offerArtifacts;
  const patched: OfferArtifacts = (client, stagingToken, rootDir) =>
    offerArtifacts(awaitingStatus(client), stagingToken, rootDir);
  // The launcher calls it through the module's exports (runners/portable_runner/runner.js), which are writable.
  (artifacts as { offerArtifacts: OfferArtifacts }).offerArtifacts = patched;
}

function awaitingStatus(client: IArtifactStagingServiceClient): IArtifactStagingServiceClient {
  return {
    reverseArtifactRetrievalService(options) {
      const call = client.reverseArtifactRetrievalService(options);
      return Object.create(call, {
        // biome-ignore lint/suspicious/noThenProperty: `await call` is what the SDK does, and what must wait for less.
        then: { value: call.status.then.bind(call.status) },
        requests: { value: call.requests },
        responses: { value: call.responses },
      }) as typeof call;
    },
  };
}
