import "apache-beam";
import { Pipeline } from "apache-beam/internal/pipeline";
import { IsBounded_Enum, PubSubReadPayload } from "apache-beam/proto/beam_runner_api";
import { Root } from "apache-beam/pvalue";
import { expect } from "chai";
import { asyncParDo } from "../../beam/async-par-do";
import { nativePubSubRead } from "../../beam/native-pubsub-read";
import { DecodeMessage, messageContext } from "../../transforms/decode-message";

const SUBSCRIPTION = "projects/p/subscriptions/s";

describe("the native Pub/Sub read in a pipeline's description", () => {
  const pipeline = new Pipeline();
  new Root(pipeline)
    .apply(nativePubSubRead("ReadChanges", SUBSCRIPTION))
    .apply(asyncParDo(new DecodeMessage(), messageContext()));
  const { components } = pipeline.getProto();
  const { transforms = {}, pcollections = {}, coders = {}, windowingStrategies = {} } = components ?? {};
  const read = Object.values(transforms).find(({ uniqueName }) => uniqueName === "ReadChanges");
  const output = pcollections[Object.values(read?.outputs ?? {})[0] ?? ""];

  it("names the subscription, and asks for ids and attributes", () => {
    expect(read?.spec?.urn).to.equal("beam:transform:pubsub_read:v1");
    expect(PubSubReadPayload.fromBinary(read?.spec?.payload ?? new Uint8Array())).to.deep.include({
      subscription: SUBSCRIPTION,
      withAttributes: true,
      topic: "",
      idAttribute: "",
      // The publish time is the timestamp: an attribute would need a second subscription, which Dataflow makes.
      timestampAttribute: "",
    });
  });

  it("is no work of ours: no inputs, no environment, no function", () => {
    expect(read).to.deep.include({ inputs: {}, subtransforms: [] });
  });

  it("gives bytes without an end in the global window, and so do the steps after it", () => {
    expect(coders[output?.coderId ?? ""]?.spec?.urn).to.equal("beam:coder:bytes:v1");
    expect(windowingStrategies[output?.windowingStrategyId ?? ""]?.windowFn?.urn).to.equal(
      "beam:window_fn:global_windows:v1",
    );
    const bounded = Object.values(pcollections).map(({ isBounded }) => isBounded);
    expect(bounded).to.deep.equal([IsBounded_Enum.UNBOUNDED, IsBounded_Enum.UNBOUNDED]);
  });
});
