import type { AsyncDoFn, FinishEmit } from "../beam/async-do-fn";
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
 * Groups the changes of each bundle by shard and keeps only the newest of each row: its image is whole, so the older ones
 * are not needed. Counts `superseded` in the run's ledger.
 *
 * A bundle is the window: on the direct runner it holds the messages of one window; a runner of unbounded pipelines ends
 * it after the window's length. There is no Beam GroupByKey on purpose: a runner keeps what a GroupByKey has not handed on
 * yet in its own state, and acknowledges the messages all the same (on Flink with the next checkpoint). A job that is
 * cancelled then would lose them. As it is, reading, grouping and applying end together, before the acknowledgement.
 */
export class NewestPerItem implements AsyncDoFn<StreamedChange, ChangeGroup> {
  readonly beamName = "NewestPerItem";
  private identity: ReturnType<typeof compileRowIdentity> | undefined;
  private shards: Map<string, StreamedChange[]> | undefined;

  constructor(
    readonly runId: string,
    readonly plan: MigrationPlan,
  ) {}

  startBundle(): void {
    this.shards = new Map();
  }

  process(change: StreamedChange): void {
    const others = this.shards?.get(change.shard);
    if (others === undefined) this.shards?.set(change.shard, [change]);
    else others.push(change);
  }

  async finishBundle(_context: unknown, emit: FinishEmit<ChangeGroup>): Promise<void> {
    const shards = this.shards ?? new Map<string, StreamedChange[]>();
    this.shards = undefined;
    this.identity ??= compileRowIdentity(this.plan);
    const ledger = openChangeLedger(this.runId);
    for (const [shard, changes] of shards) {
      const { newest, superseded } = newestOf(this.plan, this.identity, changes);
      ledger.add({ superseded });
      const room = emit({ shard, changes: newest });
      if (room !== null) await room;
    }
  }

  abandonBundle(): void {
    this.shards = undefined;
  }
}

registerForWorkers("transforms/newest-per-item", { NewestPerItem });
