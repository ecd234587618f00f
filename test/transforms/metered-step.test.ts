import "apache-beam";
import { expect } from "chai";
import type { AsyncDoFn } from "../../beam/async-do-fn";
import { createChangeLedger, openChangeLedger } from "../../transforms/change-ledger";
import { type ChangeCounters, MeteredStep } from "../../transforms/metered-step";

const RUN = "metered-step.test";

/** Counts at once, later, and at the end. */
class Apply implements AsyncDoFn<number, never> {
  private late: Promise<void>[] = [];

  process(number: number): void {
    openChangeLedger(RUN).add({ read: 1 });
    this.late.push(
      new Promise((resolve) => setImmediate(resolve)).then(() => openChangeLedger(RUN).add({ applied: number })),
    );
  }

  async finishBundle(): Promise<void> {
    await Promise.all(this.late.splice(0));
    openChangeLedger(RUN).add({ transactions: 1 });
  }
}

function counting() {
  const counts: Record<string, number> = {};
  const context = Object.fromEntries(
    Object.keys(createChangeLedger().total).map((name) => [
      name,
      {
        increment: (by: number) => {
          counts[name] = (counts[name] ?? 0) + by;
        },
      },
    ]),
  ) as unknown as ChangeCounters;
  return { counts, context };
}

describe("a metered step", () => {
  it("counts each bundle by itself, once it has succeeded, and nothing in the process's own ledger", async () => {
    const [one, two] = [new MeteredStep(RUN, new Apply()), new MeteredStep(RUN, new Apply())];
    const [first, second] = [counting(), counting()];
    const emit = () => null;
    await one.startBundle();
    await two.startBundle();
    // Two bundles at once, as a worker has them.
    await one.process(2, first.context, emit);
    await two.process(5, second.context, emit);
    await one.process(3, first.context, emit);
    expect(first.counts).to.deep.equal({});
    await one.finishBundle(first.context, emit);
    await two.finishBundle(second.context, emit);
    expect(first.counts).to.deep.equal({ read: 2, applied: 5, transactions: 1 });
    expect(second.counts).to.deep.equal({ read: 1, applied: 5, transactions: 1 });
    expect(openChangeLedger(RUN).total.read).to.equal(0);
  });

  it("counts nothing of a bundle that is given up", async () => {
    const step = new MeteredStep(RUN, new Apply());
    const { counts, context } = counting();
    await step.startBundle();
    await step.process(1, context, () => null);
    await step.abandonBundle(new Error("failed"));
    await step.startBundle();
    await step.finishBundle(context, () => null);
    expect(counts).to.deep.equal({ transactions: 1 });
  });
});
