import { expect } from "chai";
import fc from "fast-check";
import type { RowChange } from "../../schema/row-change";
import { compileApply } from "../../spanner/apply-transaction";
import { MemoryStore } from "../support/memory-store";
import { replayHistory } from "../support/replay-history";
import {
  expectedRows,
  type ReplicationCase,
  replicationCase,
  shownRows,
  type TreeOptions,
  threeLevelPlan,
} from "../support/replication-history";
import { retryAtOnce } from "../support/retry-at-once";
import { seededFaults } from "../support/seeded-faults";

async function converges(history: ReplicationCase): Promise<void> {
  const plan = threeLevelPlan(history.tree);
  const fault = seededFaults(history.faultSeed);
  const store = new MemoryStore(plan, { abort: () => fault(5), loseAnswer: () => fault(7) });
  const apply = compileApply<RowChange>(plan, { retry: retryAtOnce(1000) });
  const { waiting, outcomes } = await replayHistory(history, (changes) => apply(store, changes));
  expect(outcomes.flatMap((outcome) => outcome.failed)).to.deep.equal([]);
  expect(waiting).to.deep.equal([]);
  expect(shownRows(plan, (table) => store.rowsOf(table))).to.deep.equal(expectedRows(history));
}

const variants: readonly TreeOptions[] = [
  { onDelete: "NO ACTION", createParent: false },
  { onDelete: "NO ACTION", createParent: true },
  { onDelete: "CASCADE", createParent: false },
  { onDelete: "CASCADE", createParent: true },
];

describe("convergence of bulk load and stream, in memory", () => {
  const runs = Number(process.env["CONVERGENCE_RUNS"] ?? 1000);
  for (const options of variants) {
    it(`ends with the source's state: ${options.onDelete}, createParent ${options.createParent}`, async function () {
      this.timeout(600_000);
      await fc.assert(fc.asyncProperty(replicationCase(options), converges), { numRuns: runs });
    });
  }

  it("a put that comes beside a newer put of its parent, whose delete between them took it along", async () => {
    const write = (key: readonly string[], value: string | null, sequenceNumber: bigint) => ({
      ...{ table: key.length - 1, key, value, sequenceNumber },
    });
    await converges({
      tree: { onDelete: "CASCADE", createParent: true },
      writes: [
        write(["1"], "v1", 1n),
        write(["1", "1"], "v2", 2n),
        write(["1", "1"], null, 3n),
        write(["1"], null, 4n),
        write(["1", "1", "0"], "v6", 5n),
        write(["1"], "v7", 6n),
      ],
      subscribedAt: 1,
      exportedAt: 6,
      steps: [
        { kind: "window", messages: [4] },
        { kind: "bulk", rows: [0, 1] },
        { kind: "window", messages: [3, 5, 1] },
        { kind: "window", messages: [2] },
      ],
      faultSeed: 0,
    });
  });
});
