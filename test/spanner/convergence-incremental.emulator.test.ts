import { expect } from "chai";
import fc from "fast-check";
import { rowsOfCase, withOwnKeys } from "../support/case-rows";
import { type IncrementalCase, incrementalCase, replayIncremental } from "../support/incremental-history";
import { withReplicationDatabase } from "../support/replication-database";
import { expectedRowsOf, threeLevelPlan } from "../support/replication-history";

describe("convergence of full export, stream with lost messages, and incremental exports, in the Spanner emulator", () => {
  const runs = Number(process.env["CONVERGENCE_EMULATOR_RUNS"] ?? 25);
  for (const [dialect, onDelete] of [
    ["googlesql", "NO ACTION"],
    ["postgresql", "CASCADE"],
  ] as const) {
    it(`ends with the source's state: ${onDelete}, ${dialect}`, async function () {
      this.timeout(600_000);
      const options = { onDelete, createParent: true };
      const plan = threeLevelPlan(options);
      await withReplicationDatabase(plan, dialect, async ({ connection, apply }) => {
        let number = 0;
        const converges = async (random: IncrementalCase): Promise<void> => {
          const history = withOwnKeys(random, ++number);
          const { waiting, outcomes } = await replayIncremental(history, apply, { sourceReachable: true });
          expect(outcomes.flatMap((outcome) => outcome.failed)).to.deep.equal([]);
          expect(waiting).to.deep.equal([]);
          expect(await rowsOfCase(connection, plan, number)).to.deep.equal(expectedRowsOf(history.writes));
        };
        await fc.assert(fc.asyncProperty(incrementalCase(options), converges), { numRuns: runs });
      });
    });
  }
});
