import "apache-beam";
import type { IArtifactStagingServiceClient } from "apache-beam/proto/beam_artifact_api.client";
import * as artifacts from "apache-beam/runners/artifacts";
import { expect } from "chai";
import { installArtifactOffer } from "../../beam/patches/artifact-offer";
import { nextTurn } from "./journal";

/** A runner that wants no files: it answers with a status alone, so the call's headers never come. */
function clientOf(status: Promise<unknown>): IArtifactStagingServiceClient {
  const never = new Promise(() => undefined);
  return {
    reverseArtifactRetrievalService: () => ({
      requests: { send: async () => undefined },
      responses: { onMessage: () => () => undefined },
      status,
      // biome-ignore lint/suspicious/noThenProperty: a call is awaited, and waits for its headers.
      then: never.then.bind(never),
    }),
  } as unknown as IArtifactStagingServiceClient;
}

async function afterSomeTurns(): Promise<string> {
  for (let turn = 0; turn < 50; turn++) {
    await nextTurn();
  }
  return "still waiting";
}

async function offer(offerArtifacts: typeof artifacts.offerArtifacts, status: Promise<unknown>): Promise<string> {
  const offered = offerArtifacts(clientOf(status), "token").then(
    () => "done",
    (error: unknown) => String(error),
  );
  return Promise.race([offered, afterSomeTurns()]);
}

describe("the offer of artifacts", () => {
  it("ends with the call's status, headers or none", async () => {
    const original = artifacts.offerArtifacts;
    const patchable = artifacts as { offerArtifacts: typeof original };
    try {
      installArtifactOffer();
      expect(await offer(artifacts.offerArtifacts, Promise.resolve({ code: "OK" }))).to.equal("done");
      expect(await offer(artifacts.offerArtifacts, Promise.reject(new Error("refused")))).to.equal("Error: refused");
    } finally {
      patchable.offerArtifacts = original;
    }
  });
});
