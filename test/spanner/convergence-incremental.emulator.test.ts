import { expect } from "chai";
import fc from "fast-check";
import { ddlStatements } from "../../schema/ddl";
import type { RowChange } from "../../schema/row-change";
import { compileApply } from "../../spanner/apply-transaction";
import { openSpanner } from "../../spanner/connection";
import { closeTransactions } from "../../spanner/read-write-transaction";
import { spannerStore } from "../../spanner/spanner-store";
import { retryTransient } from "../../spanner/transient-retry";
import { rowsOfCase, withOwnKeys } from "../support/case-rows";
import { type IncrementalCase, incrementalCase, replayIncremental } from "../support/incremental-history";
import { expectedRowsOf, threeLevelPlan } from "../support/replication-history";
import { createTestDatabase } from "../support/spanner";

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
      const ddl = ddlStatements(plan, dialect);
      const target = await createTestDatabase([...ddl.tables, ...ddl.versionTables], { dialect });
      const connection = await openSpanner(target);
      const store = spannerStore(connection);
      const apply = compileApply<RowChange>(plan, { retry: (attempt) => retryTransient(attempt, { subject: "test" }) });
      let number = 0;
      const converges = async (random: IncrementalCase): Promise<void> => {
        const history = withOwnKeys(random, ++number);
        const replay = (changes: readonly RowChange[]) => apply(store, changes);
        const { waiting, outcomes } = await replayIncremental(history, replay, { sourceReachable: true });
        expect(outcomes.flatMap((outcome) => outcome.failed)).to.deep.equal([]);
        expect(waiting).to.deep.equal([]);
        expect(await rowsOfCase(connection, plan, number)).to.deep.equal(expectedRowsOf(history.writes));
      };
      try {
        await fc.assert(fc.asyncProperty(incrementalCase(options), converges), { numRuns: runs });
      } finally {
        await closeTransactions(connection);
        await connection.close();
      }
    });
  }
});
