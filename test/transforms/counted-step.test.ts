import "apache-beam";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { AsyncDoFn, Emit } from "../../beam/async-do-fn";
import type { Tagged } from "../../beam/tagged-outputs";
import { type CountCounters, type CountedOutputs, CountedStep } from "../../transforms/counted-step";
import { closeLedger, createLedger, openLedger } from "../../transforms/ledger";
import { addCounts, WriteCounts } from "../../transforms/write-counts";

const RUN = "counted-step-test";

/** Counts as our steps do: some of it later, some at the end of the bundle. */
class CountItems implements AsyncDoFn<string, string> {
  private late: Promise<void>[] = [];

  startBundle(): void {
    this.late = [];
  }

  async process(file: string, _context: unknown, emit: Emit<string>): Promise<void> {
    openLedger(RUN).add(file, { read: 2 });
    this.late.push(
      new Promise((resolve) => setImmediate(resolve)).then(() => openLedger(RUN).add(file, { written: 1 })),
    );
    if (file === "broken") throw new Error("broken");
    await emit(`${file}!`);
  }

  async finishBundle(): Promise<void> {
    await Promise.all(this.late);
    openLedger(RUN).add("last", { deadLettered: 1 });
    openLedger("another-run").add("last", { deadLettered: 1 });
  }
}

type Output = Tagged<CountedOutputs<string>>;

async function runBundle(step: CountedStep<string, string>, files: readonly string[]) {
  const emitted: Output[] = [];
  const counters = new Map<string, number>();
  const names = ["read", "written", "stale", "filtered", "deadLettered", "bytesRead"];
  const context = Object.fromEntries(
    names.map((name) => [name, { increment: (by: number) => counters.set(name, (counters.get(name) ?? 0) + by) }]),
  ) as unknown as CountCounters;
  const emit = (output: Output) => {
    emitted.push(output);
    return null;
  };
  try {
    await step.startBundle();
    for (const file of files) await step.process(file, context, emit);
    await step.finishBundle(context, emit);
  } catch (error) {
    await step.abandonBundle(error);
  }
  const outputs = emitted.flatMap((output) => ("outputs" in output ? [output.outputs] : []));
  const counts = emitted.flatMap((output) => ("counts" in output ? [output.counts] : []));
  return { outputs, counts, counters };
}

const NOTHING = { read: 0, written: 0, stale: 0, filtered: 0, deadLettered: 0, bytesRead: 0 };

describe("CountedStep", () => {
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "counts-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const run of [RUN, "another-run"]) closeLedger(run);
  });

  it("hands on the step's outputs, and at the end of a bundle what it counted by file, in this run", async () => {
    const { outputs, counts, counters } = await runBundle(new CountedStep(RUN, new CountItems()), ["a", "b", "a"]);
    expect(outputs).to.deep.equal(["a!", "b!", "a!"]);
    expect(counts.map(({ json }) => JSON.parse(json))).to.deep.equal([
      ["a", { ...NOTHING, read: 4, written: 2 }],
      ["b", { ...NOTHING, read: 2, written: 1 }],
      ["last", { ...NOTHING, deadLettered: 1 }],
    ]);
    expect(Object.fromEntries(counters)).to.deep.equal({ read: 6, written: 3, deadLettered: 1 });
  });

  it("counts a bundle that is repeated once, whatever its first attempt has done", async () => {
    const step = new CountedStep(RUN, new CountItems());
    expect((await runBundle(step, ["a", "broken"])).counts).to.deep.equal([]);
    const repeated = await runBundle(step, ["a"]);
    expect(repeated.counts.map(({ json }) => JSON.parse(json))).to.deep.equal([
      ["a", { ...NOTHING, read: 2, written: 1 }],
      ["last", { ...NOTHING, deadLettered: 1 }],
    ]);
    // The process has seen both attempts, which is why its ledger proves nothing here.
    expect(openLedger(RUN).files.get("a")).to.include({ read: 4 });
  });

  it("brings the counts of all bundles and steps together in one file, which a second attempt replaces", async () => {
    const file = { folder, name: "counts/run.json" };
    const bundles = await Promise.all([1, 2].map(() => runBundle(new CountedStep(RUN, new CountItems()), ["a"])));
    const value = bundles.flatMap(({ counts }) => counts);
    for (let attempt = 0; attempt < 2; attempt++) await new WriteCounts(file).process({ value });
    const ledger = createLedger();
    await addCounts(file, ledger);
    expect(ledger.files.get("a")).to.deep.equal({ ...NOTHING, read: 4, written: 2 });
    expect(ledger.total).to.deep.equal({ ...NOTHING, read: 4, written: 2, deadLettered: 2 });
  });

  it("is an error where a job has left no counts", async () => {
    const found = await addCounts({ folder, name: "counts/none.json" }, createLedger()).catch(
      (error: unknown) => error,
    );
    expect(found).to.have.property("code", "E_STORAGE_NOT_FOUND");
  });
});
