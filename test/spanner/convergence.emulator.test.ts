import { expect } from "chai";
import fc from "fast-check";
import type { Dialect } from "../../schema/column-type";
import type { MigrationPlan } from "../../schema/migration-plan";
import type { RowChange } from "../../schema/row-change";
import type { ApplyOutcome } from "../../spanner/apply-transaction";
import { writeTarget } from "../../spanner/commit-request";
import type { SpannerConnection } from "../../spanner/connection";
import { RowEncoder } from "../../spanner/row-encoder";
import { writeRows } from "../../spanner/row-writer";
import { writeUnversionedRows } from "../../spanner/unversioned-rows";
import { rowsOfCase, withOwnKeys } from "../support/case-rows";
import { replayHistory } from "../support/replay-history";
import { withReplicationDatabase } from "../support/replication-database";
import {
  expectedRows,
  type ReplicationCase,
  replicationCase,
  type TreeOptions,
  threeLevelPlan,
} from "../support/replication-history";

/** Rows of an export as the bulk load writes them: encoded, parents first, the row at fault found by halving. */
async function bulkLoad(
  connection: SpannerConnection,
  plan: MigrationPlan,
  changes: readonly RowChange[],
): Promise<ApplyOutcome<RowChange>> {
  const commit = writeUnversionedRows(connection, plan);
  const groups = plan.tables.map((table, index) => {
    const columns = table.columns.map((column) => column.name);
    const given = changes.filter((change) => change.table === index);
    const encoder = new RowEncoder(table.keyLength);
    for (const { row } of given) encoder.appendRow(row ?? [], 0);
    return { given, target: writeTarget(table.name, columns), rows: encoder.finish(), cellsPerRow: columns.length };
  });
  const { written, stale, failures } = await writeRows(groups, { commit });
  expect(written + stale + failures.length).to.equal(changes.length);
  const waiting = failures.map(({ group, row, code }) => {
    expect(code).to.equal("E_SPANNER_PARENT_MISSING");
    return groups[group]?.given[row];
  });
  const none = { applied: [], stale: [], superseded: [], undecided: [], failed: [] };
  const counts = { keptParents: 0, createdParents: 0, removedParents: 0, transactions: 0 };
  return { ...none, ...counts, waiting: waiting.filter((change) => change !== undefined) };
}

const variants: readonly (TreeOptions & { readonly dialect: Dialect; readonly lanes: number })[] = [
  { onDelete: "NO ACTION", createParent: true, dialect: "googlesql", lanes: 1 },
  { onDelete: "CASCADE", createParent: false, dialect: "googlesql", lanes: 1 },
  { onDelete: "NO ACTION", createParent: false, dialect: "postgresql", lanes: 1 },
  { onDelete: "NO ACTION", createParent: true, dialect: "googlesql", lanes: 3 },
  { onDelete: "CASCADE", createParent: false, dialect: "googlesql", lanes: 3 },
];

describe("convergence of bulk load and stream, in the Spanner emulator", () => {
  const runs = Number(process.env["CONVERGENCE_EMULATOR_RUNS"] ?? 25);
  for (const { dialect, lanes, ...options } of variants) {
    it(`ends with the source's state: ${options.onDelete}, createParent ${options.createParent}, ${dialect}, ${lanes} at once`, async function () {
      this.timeout(600_000);
      const plan = threeLevelPlan(options);
      await withReplicationDatabase(plan, dialect, async ({ connection, apply }) => {
        let number = 0;
        const converges = async (random: ReplicationCase): Promise<void> => {
          const history = withOwnKeys(random, ++number);
          const write = (changes: readonly RowChange[]) =>
            changes.every((change) => change.sequenceNumber === null)
              ? bulkLoad(connection, plan, changes)
              : apply(changes);
          const { waiting, outcomes } = await replayHistory(history, write, lanes);
          expect(outcomes.flatMap((outcome) => outcome.failed)).to.deep.equal([]);
          expect(waiting).to.deep.equal([]);
          expect(await rowsOfCase(connection, plan, number)).to.deep.equal(expectedRows(history));
        };
        await fc.assert(fc.asyncProperty(replicationCase(options), converges), { numRuns: runs });
      });
    });
  }
});
