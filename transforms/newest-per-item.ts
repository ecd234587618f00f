import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { groupBy } from "apache-beam/transforms/group_and_combine";
import { withName } from "apache-beam/transforms/transform";
import type { KV } from "apache-beam/values";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { registerForWorkers } from "../beam/worker-module";
import type { MigrationPlan } from "../schema/migration-plan";
import { compileRowIdentity } from "../schema/row-identity";
import { isNewer } from "../schema/sequence-number";
import { openChangeLedger } from "./change-ledger";
import type { StreamedChange } from "./change-message";

/** The changes of one shard in one window: at most one for each row, the newest, in the order of its key's text. */
export interface ChangeGroup {
  readonly shard: string;
  readonly changes: readonly StreamedChange[];
}

/** Of all changes of a row the newest; the count of the others. Sorted, so that neighbours share transactions. */
export function newestOf(
  changes: Iterable<StreamedChange>,
  identity: (table: number, key: StreamedChange["key"]) => string,
): { readonly newest: readonly StreamedChange[]; readonly superseded: number } {
  const newest = new Map<string, StreamedChange>();
  let count = 0;
  for (const change of changes) {
    count++;
    const id = identity(change.table, change.key);
    const other = newest.get(id);
    if (other === undefined || isNewer(change.sequenceNumber, other.sequenceNumber)) newest.set(id, change);
  }
  const sorted = [...newest].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, change]) => change);
  return { newest: sorted, superseded: count - sorted.length };
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
    const { newest, superseded } = newestOf(value, this.identity);
    openChangeLedger(this.runId).add({ superseded });
    return emit({ shard, changes: newest }) ?? undefined;
  }
}

registerForWorkers("transforms/newest-per-item", { KeepNewest });
