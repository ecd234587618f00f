import type { RowChange } from "../../schema/row-change";
import type { ApplyOutcome } from "../../spanner/apply-transaction";
import { changeOf, exportedRows, type ReplicationCase } from "./replication-history";

export interface ReplayResult {
  /** Changes that never found their parent. */
  readonly waiting: readonly RowChange[];
  readonly outcomes: readonly ApplyOutcome<RowChange>[];
}

/**
 * Runs the steps of a case through `apply`. What waits for a parent is given in again with each later step, and at the
 * end for as long as that changes anything; as a stream does until its messages' time is up.
 */
export async function replayHistory(
  history: ReplicationCase,
  apply: (changes: readonly RowChange[]) => Promise<ApplyOutcome<RowChange>>,
): Promise<ReplayResult> {
  const rows = exportedRows(history);
  const outcomes: ApplyOutcome<RowChange>[] = [];
  let waitingRows: readonly RowChange[] = [];
  let waitingChanges: readonly RowChange[] = [];
  const run = async (kind: "window" | "bulk", changes: readonly RowChange[]) => {
    const outcome = await apply([...(kind === "bulk" ? waitingRows : waitingChanges), ...changes]);
    outcomes.push(outcome);
    if (kind === "bulk") waitingRows = outcome.waiting;
    else waitingChanges = outcome.waiting;
  };
  for (const step of history.steps) {
    if (step.kind === "bulk")
      await run(
        "bulk",
        step.rows.flatMap((index) => rows[index] ?? []),
      );
    else await run("window", step.messages.flatMap((index) => history.writes.slice(index, index + 1)).map(changeOf));
  }
  for (let before = -1; before !== waitingRows.length + waitingChanges.length; ) {
    before = waitingRows.length + waitingChanges.length;
    if (waitingRows.length > 0) await run("bulk", []);
    if (waitingChanges.length > 0) await run("window", []);
  }
  return { waiting: [...waitingRows, ...waitingChanges], outcomes };
}
