import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { getItem } from "../dynamodb/get-item";
import { describeTableError } from "../dynamodb/table-error";
import type { Dialect } from "../schema/column-type";
import type { MigrationPlan } from "../schema/migration-plan";
import { parseItem } from "../schema/parse-item";
import { withoutReplicationAttributes } from "../schema/replication-attributes";
import { compileRowIdentity } from "../schema/row-identity";
import type { ApplyOutcome } from "../spanner/apply-transaction";
import type { UndecidedChange } from "../spanner/decision";
import { compilePlace, type LineChange, reasonOf } from "./convert-changes";
import type { DeadLetterReason } from "./dead-letter";
import { ORDER_UNDECIDED } from "./settle-changes";

/** The item changes in the source as fast as it is read: then the stream brings it up to date, or a dead letter says so. */
const MAX_READS = 10;

/** How an undecided line ended. */
export type SettledLine =
  | { readonly kind: "outcome"; readonly outcome: ApplyOutcome<LineChange> }
  | { readonly kind: "refused"; readonly change: LineChange; readonly reason: DeadLetterReason };

export interface SettlingSource {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/**
 * Settles a line whose order no time tells: the item is read as it is now, consistently, and written if its version is
 * still the one that was seen before the read; otherwise once more from the beginning.
 *
 * @throws MigrationError E_TABLE_REQUEST if the source can't be read, and what `apply` throws
 */
export function compileSettling(
  plan: MigrationPlan,
  dialect: Dialect,
  { client, table }: SettlingSource,
  apply: (changes: readonly LineChange[]) => Promise<ApplyOutcome<LineChange>>,
): (undecided: UndecidedChange<LineChange>) => Promise<SettledLine> {
  const toPlace = compilePlace(plan, dialect);
  const identity = compileRowIdentity(plan);

  const readNow = async (change: LineChange): Promise<LineChange> => {
    const raw = await getItem(client, table, change.itemKey).catch((error: unknown) => {
      throw describeTableError(error, table);
    });
    const image = raw === undefined ? null : withoutReplicationAttributes(parseItem(raw));
    const place = toPlace({ keys: change.itemKey, image });
    // Both follow from the key alone (mapping rules), which is the same.
    const samePlace = place !== undefined && identity(place.table, place.key) === identity(change.table, change.key);
    return { ...change, row: samePlace ? place.row : null };
  };

  return async (first) => {
    let { change, version } = first;
    for (let reads = 0; reads < MAX_READS; reads++) {
      try {
        change = await readNow(first.change);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason.code === "E_TABLE_REQUEST") throw error;
        return { kind: "refused", change, reason };
      }
      const outcome = await apply([{ ...change, readAfter: version }]);
      const [again] = outcome.undecided;
      if (again === undefined) return { kind: "outcome", outcome };
      version = again.version;
    }
    return { kind: "refused", change, reason: ORDER_UNDECIDED };
  };
}
