import type { ErrorCode } from "../errors/codes";
import type { MigrationPlan } from "../schema/migration-plan";
import type { ApplyOutcome, FailedChange } from "../spanner/apply-transaction";
import type { ChangeLedger } from "./change-ledger";
import type { StreamedChange } from "./change-message";
import type { DeadLetter, DeadLetterReason } from "./dead-letter";
import { messageDeadLetter } from "./parse-change-message";

export interface SettleOptions {
  /** How long a change waits for another row's before it becomes a dead letter, counted from when it was first found waiting. */
  readonly parentWaitSeconds: number;
  readonly now: Date;
}

/**
 * What the change of another row may mend that is still on its way: the row with the same unique value gives it up, the row
 * of a foreign key comes. Changes of different items come in any order.
 */
const MENDED_BY_OTHERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "E_PARENT_MISSING",
  // The next change of the item, if there is one, makes this one stale.
  "E_CHANGE_ORDER_UNDECIDED",
  "E_SPANNER_UNIQUE_INDEX",
  "E_SPANNER_REFERENCE_MISSING",
]);

/**
 * Counts what became of changes, and notes which of them wait; returns the dead letters of those that can't be applied,
 * or have waited for too long. Every change ends as exactly one of applied, stale, superseded, waiting and dead letter:
 * one that is undecided waits, too.
 */
export function settleChanges(
  plan: MigrationPlan,
  outcome: ApplyOutcome<StreamedChange>,
  ledger: ChangeLedger,
  options: SettleOptions,
): readonly DeadLetter[] {
  const blocked = [
    ...outcome.waiting.map((change) => ({ change, reason: parentMissing(options) })),
    ...outcome.undecided.map(({ change }) => ({ change, reason: ORDER_UNDECIDED })),
    ...outcome.failed.map((failed) => ({ change: failed.change, reason: refusalOf(failed) })),
  ];
  const letters: DeadLetter[] = [];
  let waiting = 0;
  for (const { change, reason } of blocked) {
    const { messageId } = change.message;
    const since = change.message.waitingSince ?? options.now.toISOString();
    const hopeless = !MENDED_BY_OTHERS.has(reason.code);
    if (hopeless || options.now.getTime() - Date.parse(since) >= options.parentWaitSeconds * 1000) {
      letters.push(letterOf(plan, change, reason));
    } else {
      waiting++;
      ledger.waitingSince.set(messageId, since);
    }
  }
  ledger.add({
    waiting,
    applied: outcome.applied.length,
    stale: outcome.stale.length,
    superseded: outcome.superseded.length,
    keptParents: outcome.keptParents,
    createdParents: outcome.createdParents,
    removedParents: outcome.removedParents,
    transactions: outcome.transactions,
  });
  return letters;
}

/** Of a streamed change or of a line of an incremental export. */
export const ORDER_UNDECIDED: DeadLetterReason = {
  code: "E_CHANGE_ORDER_UNDECIDED",
  message: "in the same second the item was changed otherwise, as was found by another way",
};

function refusalOf({ error }: FailedChange<StreamedChange>): DeadLetterReason {
  return { code: error.code, message: error.message };
}

function parentMissing({ parentWaitSeconds }: SettleOptions): DeadLetterReason {
  return { code: "E_PARENT_MISSING", message: `the row's parent did not come within ${parentWaitSeconds} seconds` };
}

function letterOf(plan: MigrationPlan, change: StreamedChange, reason: DeadLetterReason): DeadLetter {
  const table = plan.tables[change.table]?.name;
  return messageDeadLetter(
    { ...reason, ...(table === undefined ? {} : { table }) },
    change.message,
    Buffer.from(change.message.data, "base64"),
    BigInt(change.sequenceNumber),
  );
}
