import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { groupBy } from "apache-beam/transforms/group_and_combine";
import { withName } from "apache-beam/transforms/transform";
import type { KV } from "apache-beam/values";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { registerForWorkers } from "../beam/worker-module";
import type { MigrationPlan } from "../schema/migration-plan";
import type { RowKey } from "../schema/row-change";
import { compileRowIdentity } from "../schema/row-identity";
import { isNewer } from "../schema/sequence-number";
import { openChangeLedger } from "./change-ledger";
import type { StreamedChange } from "./change-message";

/** The changes of one shard in one window: at most one for each row, the newest; parents before what lies in them. */
export interface ChangeGroup {
  readonly shard: string;
  readonly changes: readonly StreamedChange[];
}

/** Of all changes of a row the newest, and the count of the others. Parents first, then in the order of the key's text. */
export function newestOf(
  plan: MigrationPlan,
  identity: (table: number, key: RowKey) => string,
  changes: Iterable<StreamedChange>,
): { readonly newest: readonly StreamedChange[]; readonly superseded: number } {
  const newest = new Map<string, StreamedChange>();
  let count = 0;
  for (const change of changes) {
    count++;
    const id = identity(change.table, change.key);
    const other = newest.get(id);
    if (other === undefined || isNewer(change.sequenceNumber, other.sequenceNumber)) newest.set(id, change);
  }
  const levelOf = ({ table }: StreamedChange) => plan.tables[table]?.level ?? 0;
  const sorted = [...newest].sort(
    ([leftId, left], [rightId, right]) => levelOf(left) - levelOf(right) || (leftId < rightId ? -1 : 1),
  );
  return { newest: sorted.map(([, change]) => change), superseded: count - sorted.length };
}

/**
 * Groups the changes of each window by shard and keeps only the newest of each row: its image is whole, so the older ones
 * are not needed. Counts `superseded` in the run's ledger.
 */
export function newestPerItem(runId: string, plan: MigrationPlan) {
  return withName(
    "NewestPerItem",
    (changes: PCollection<StreamedChange>): PCollection<ChangeGroup> =>
      changes.apply(groupBy<StreamedChange, string>("shard")).apply(asyncParDo(new KeepNewest(runId, plan))),
  );
}

class KeepNewest implements AsyncDoFn<KV<string, Iterable<StreamedChange>>, ChangeGroup> {
  readonly beamName = "KeepNewest";
  private identity: ReturnType<typeof compileRowIdentity> | undefined;

  constructor(
    readonly runId: string,
    readonly plan: MigrationPlan,
  ) {}

  process(
    { key: shard, value }: KV<string, Iterable<StreamedChange>>,
    _context: unknown,
    emit: Emit<ChangeGroup>,
  ): Promise<void> | undefined {
    this.identity ??= compileRowIdentity(this.plan);
    const { newest, superseded } = newestOf(this.plan, this.identity, value);
    openChangeLedger(this.runId).add({ superseded });
    return emit({ shard, changes: newest }) ?? undefined;
  }
}

registerForWorkers("transforms/newest-per-item", { KeepNewest });
