import { expect } from "chai";
import fc from "fast-check";
import type { RowChange } from "../../schema/row-change";
import { compileApply } from "../../spanner/apply-transaction";
import { type IncrementalCase, incrementalCase, replayIncremental } from "../support/incremental-history";
import { MemoryStore } from "../support/memory-store";
import { expectedRowsOf, shownRows, type TreeOptions, threeLevelPlan } from "../support/replication-history";
import { retryAtOnce } from "../support/retry-at-once";
import { seededFaults } from "../support/seeded-faults";

async function run(history: IncrementalCase, sourceReachable: boolean) {
  const plan = threeLevelPlan(history.tree);
  const fault = seededFaults(history.faultSeed);
  const store = new MemoryStore(plan, { abort: () => fault(5), loseAnswer: () => fault(7) });
  const apply = compileApply<RowChange>(plan, { retry: retryAtOnce(1000) });
  const result = await replayIncremental(history, (changes) => apply(store, changes), { sourceReachable });
  expect(result.outcomes.flatMap((outcome) => outcome.failed)).to.deep.equal([]);
  expect(result.waiting).to.deep.equal([]);
  return { ...result, rows: shownRows(plan, (table) => store.rowsOf(table)) };
}

/** With `createParent`, as the message or line of a parent that came and went may be lost or compacted away. */
const variants: readonly TreeOptions[] = [
  { onDelete: "NO ACTION", createParent: true },
  { onDelete: "CASCADE", createParent: true },
];

describe("convergence of full export, stream with lost messages, and incremental exports", () => {
  const runs = Number(process.env["CONVERGENCE_RUNS"] ?? 1000);
  for (const options of variants) {
    it(`ends with the source's state where the source can be read: ${options.onDelete}`, async function () {
      this.timeout(600_000);
      const converges = async (history: IncrementalCase): Promise<void> => {
        const { rows } = await run(history, true);
        expect(rows).to.deep.equal(expectedRowsOf(history.writes));
      };
      await fc.assert(fc.asyncProperty(incrementalCase(options), converges), { numRuns: runs });
    });
  }

  it("has a dead letter for every item that may be wrong where the source can't be read", async function () {
    this.timeout(600_000);
    let undecided = 0;
    const silent = async (history: IncrementalCase): Promise<void> => {
      const result = await run(history, false);
      undecided += result.undecided.length;
      const told = new Set(result.undecided.map(({ change }) => change.key.join("/")));
      const expected = expectedRowsOf(history.writes);
      for (const name of new Set([...result.rows.keys(), ...expected.keys()])) {
        // A parent that stands in for a child depends on that child.
        if ([...told].some((each) => each === name || each.startsWith(`${name}/`))) continue;
        expect(result.rows.get(name), name).to.equal(expected.get(name));
        expect(result.rows.has(name), name).to.equal(expected.has(name));
      }
    };
    const [noAction] = variants as [TreeOptions];
    await fc.assert(fc.asyncProperty(incrementalCase(noAction), silent), { numRuns: runs });
    expect(undecided, "cases that were to be decided by the second").to.be.greaterThan(runs / 50);
  });
});
