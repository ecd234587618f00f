import { expect } from "chai";
import { openDataflowRest } from "../../beam/dataflow-rest";
import { FakeDataflow } from "./fake-dataflow";

describe("the Dataflow API", function () {
  this.timeout(60_000);
  let dataflow: FakeDataflow;
  beforeEach(async () => {
    dataflow = await FakeDataflow.start();
  });
  afterEach(() => dataflow.stop());

  const open = () =>
    openDataflowRest({ project: "p", region: "europe-west1", endpoint: dataflow.endpoint }, async () => ({
      authorization: "Bearer token",
    }));
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error: { readonly code?: string }) => error.code,
    );
  const create = async (name: string) => {
    const body = JSON.stringify({ name, type: "JOB_TYPE_BATCH", environment: { sdkPipelineOptions: { options: {} } } });
    await fetch(`${dataflow.endpoint}/v1b3/projects/p/locations/europe-west1/jobs`, { method: "POST", body });
    return dataflow.jobs.at(-1)?.id ?? "";
  };

  it("finds a job that runs by its name, and no other", async () => {
    await create("one");
    const id = await create("two");
    expect(await open().findActive("two")).to.equal(id);
    expect(await open().findActive("three")).to.equal(undefined);
    await open().requestState(id, "JOB_STATE_CANCELLED");
    expect(await open().state(id)).to.equal("JOB_STATE_CANCELLED");
    expect(await open().findActive("two")).to.equal(undefined);
  });

  it("adds up a counter over all steps, without what may yet be thrown away, and leaves the service's own out", async () => {
    const id = await create("one");
    const user = (name: string, scalar: unknown, context: object = {}) => ({
      name: { origin: "user", name, context },
      scalar,
    });
    const [job] = dataflow.jobs;
    if (job !== undefined) {
      job.metrics = [
        user("read", 2, { step: "a" }),
        user("read", 3, { step: "b" }),
        user("read", 99, { step: "a", tentative: "true" }),
        user("__proto__", 1),
        user("text", "no number"),
        { name: { origin: "dataflow/v1b3", name: "read" }, scalar: 7 },
        {},
      ];
    }
    expect(Object.entries(await open().counters(id))).to.deep.equal([
      ["read", 5],
      ["__proto__", 1],
    ]);
  });

  for (const { status, code, attempts } of [
    { status: 400, code: "E_DATAFLOW_REFUSED", attempts: 1 },
    { status: 401, code: "E_DATAFLOW_CREDENTIALS", attempts: 1 },
    { status: 403, code: "E_DATAFLOW_PERMISSION", attempts: 1 },
    { status: 429, code: "E_DATAFLOW_UNREACHABLE", attempts: 5 },
    { status: 503, code: "E_DATAFLOW_UNREACHABLE", attempts: 5 },
  ]) {
    it(`tells ${status} as ${code}, after ${attempts} attempts`, async () => {
      dataflow.refuse = () => ({ status, message: "in the service's words" });
      expect(await codeOf(open().findActive("one"))).to.equal(code);
      expect(dataflow.requests).to.have.length(attempts);
    });
  }

  it("goes on after an outage that passes", async () => {
    const id = await create("one");
    let refusals = 2;
    dataflow.refuse = () => (refusals-- > 0 ? { status: 500, message: "later" } : undefined);
    expect(await open().state(id)).to.equal("JOB_STATE_RUNNING");
  });

  it("is unreachable where nothing answers", async () => {
    const rest = openDataflowRest({ project: "p", region: "r", endpoint: "http://127.0.0.1:1" }, async () => ({}));
    expect(await codeOf(rest.state("x"))).to.equal("E_DATAFLOW_UNREACHABLE");
  });
});
