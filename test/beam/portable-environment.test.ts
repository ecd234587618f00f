import "apache-beam";
import { Pipeline } from "apache-beam/internal/pipeline";
import { DockerPayload } from "apache-beam/proto/beam_runner_api";
import { Root } from "apache-beam/pvalue";
import { expect } from "chai";
import { createElements } from "../../beam/create-elements";
import { withContainerWorkers } from "../../beam/portable-environment";

describe("a pipeline whose workers are containers", () => {
  it("has the image for every step that needs a worker, nothing to send along, and is a copy", () => {
    const pipeline = new Pipeline();
    new Root(pipeline).apply(createElements("Numbers", [1, 2, 3]));
    const original = pipeline.getProto();
    const { components } = withContainerWorkers(original, "gcr.io/p/worker:1");
    const environments = Object.entries(components?.environments ?? {});
    expect(environments).to.have.length(1);
    const [[id, environment] = ["", undefined]] = environments;
    expect(environment?.urn).to.equal("beam:env:docker:v1");
    expect(DockerPayload.fromBinary(environment?.payload ?? new Uint8Array()).containerImage).to.equal(
      "gcr.io/p/worker:1",
    );
    expect(environment?.dependencies).to.deep.equal([]);
    // By it Dataflow gives one container a worker a core, as siblings (container-main.ts).
    expect(environment?.capabilities).to.include("beam:protocol:sibling_workers:v1");
    const transforms = Object.values(components?.transforms ?? {});
    const placed = transforms.filter(({ spec }) => spec?.urn === "beam:transform:pardo:v1");
    expect(placed).to.not.have.length(0);
    for (const { environmentId } of placed) expect(environmentId).to.equal(id);
    expect(Object.values(original.components?.environments ?? {}).map(({ urn }) => urn)).to.deep.equal(["js_default"]);
  });
});
