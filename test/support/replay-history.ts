import type { RowChange } from "../../schema/row-change";
import type { ApplyOutcome } from "../../spanner/apply-transaction";
import { changeOf, exportedRows, type ReplicationCase, type Step } from "./replication-history";

export interface ReplayResult {
  /** Changes that never found their parent. */
  readonly waiting: readonly RowChange[];
  readonly outcomes: readonly ApplyOutcome<RowChange>[];
}

type Apply = (changes: readonly RowChange[]) => Promise<ApplyOutcome<RowChange>>;

/**
 * Runs the steps of a case through `apply`. What waits for a parent is given in again with each later step, and at the
 * end for as long as that changes anything; as a stream does until its messages' time is up.
 *
 * @param lanes how many processes run at once: each takes every so many-th step
 */
export async function replayHistory(history: ReplicationCase, apply: Apply, lanes = 1): Promise<ReplayResult> {
  const outcomes: ApplyOutcome<RowChange>[] = [];
  const counted: Apply = async (changes) => {
    const outcome = await apply(changes);
    outcomes.push(outcome);
    return outcome;
  };
  const waits = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      runSteps(
        history,
        history.steps.filter((_step, index) => index % lanes === lane),
        counted,
      ),
    ),
  );
  let rows = waits.flatMap((wait) => wait.bulk);
  let changes = waits.flatMap((wait) => wait.window);
  for (let before = -1; before !== rows.length + changes.length; ) {
    before = rows.length + changes.length;
    if (rows.length > 0) rows = [...(await counted(rows)).waiting];
    if (changes.length > 0) changes = [...(await counted(changes)).waiting];
  }
  return { waiting: [...rows, ...changes], outcomes };
}

async function runSteps(history: ReplicationCase, steps: readonly Step[], apply: Apply) {
  const rows = exportedRows(history);
  const waiting: Record<Step["kind"], readonly RowChange[]> = { bulk: [], window: [] };
  for (const step of steps) {
    const changes =
      step.kind === "bulk"
        ? step.rows.flatMap((index) => rows[index] ?? [])
        : step.messages.flatMap((index) => history.writes.slice(index, index + 1)).map(changeOf);
    const outcome = await apply([...waiting[step.kind], ...changes]);
    waiting[step.kind] = outcome.waiting;
  }
  return waiting;
}
