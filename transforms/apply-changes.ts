import { setTimeout as pause } from "node:timers/promises";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { MigrationPlan } from "../schema/migration-plan";
import { type ApplyOutcome, compileApply } from "../spanner/apply-transaction";
import { type CommitWindow, createCommitWindow } from "../spanner/commit-window";
import { openSpanner, type SpannerTarget } from "../spanner/connection";
import { spannerStore } from "../spanner/spanner-store";
import { DEFAULT_RETRY_MILLISECONDS, retryTransient } from "../spanner/transient-retry";
import type { VersionedStore } from "../spanner/versioned-store";
import { type ChangeLimits, changeBatches, defaultChangeLimits } from "./change-batches";
import { type ChangeLedger, openChangeLedger } from "./change-ledger";
import type { StreamedChange } from "./change-message";
import type { DeadLetter } from "./dead-letter";
import type { ChangeGroup } from "./newest-per-item";
import { settleChanges } from "./settle-changes";

export interface ApplyChangesOptions {
  readonly limits: ChangeLimits;
  /** Transactions at once: the emulator runs one at a time, and aborts others. */
  readonly transactionsInFlight: number;
  readonly parentWaitSeconds: number;
  /**
   * Where a change waits for another row's: given back, noted in the run's ledger and not acknowledged, so that it comes
   * again; or in the bundle, which ends only then, on runners that acknowledge the messages of every bundle that succeeds.
   */
  readonly waiting: "given back" | "in the bundle";
  /** How long an unreachable Spanner is waited for. */
  readonly retryMilliseconds: number;
}

export const defaultApplyChangesOptions: ApplyChangesOptions = {
  limits: defaultChangeLimits,
  transactionsInFlight: 8,
  parentWaitSeconds: 600,
  waiting: "given back",
  retryMilliseconds: DEFAULT_RETRY_MILLISECONDS,
};

/** Between two attempts at changes that wait in the bundle. */
const WAIT_MILLISECONDS = 1000;

/** A change that waits in the bundle. */
interface WaitingChange {
  readonly change: StreamedChange;
  readonly emit: Emit<DeadLetter>;
}

/**
 * Applies the changes of a window: a {@link ChangeGroup} in, dead letters out. Each batch is one read-write transaction
 * that reads the versions, drops stale changes and writes rows, deletes and versions together.
 *
 * When the bundle has succeeded, every change of it is committed, was stale, has a dead letter handed on, or is in the
 * run's ledger as waiting for its parent: then, and once the dead letters are stored, the messages of all but the waiting
 * may be acknowledged. Counts in the run's change ledger; see `ChangeCounts`.
 *
 * Fails with MigrationError E_SPANNER_…; what was committed until then is found stale when it is given in again.
 */
export class ApplyChanges implements AsyncDoFn<ChangeGroup, DeadLetter> {
  readonly beamName = "ApplyChanges";
  private window: CommitWindow | undefined;
  private store: VersionedStore | undefined;
  private apply:
    | ((store: VersionedStore, changes: readonly StreamedChange[]) => Promise<ApplyOutcome<StreamedChange>>)
    | undefined;
  private stopping: AbortController | undefined;
  private waiting: WaitingChange[] = [];

  constructor(
    readonly runId: string,
    readonly plan: MigrationPlan,
    readonly target: SpannerTarget,
    readonly options: ApplyChangesOptions = defaultApplyChangesOptions,
  ) {}

  async startBundle(): Promise<void> {
    const connection = await openSpanner(this.target);
    const stopping = new AbortController();
    this.stopping = stopping;
    this.waiting = [];
    this.store = spannerStore(connection);
    this.window = createCommitWindow(this.options.transactionsInFlight);
    this.apply = compileApply<StreamedChange>(this.plan, {
      retry: (attempt) =>
        retryTransient(attempt, {
          subject: connection.databaseName,
          totalMilliseconds: this.options.retryMilliseconds,
          signal: stopping.signal,
        }),
    });
  }

  process({ changes }: ChangeGroup, _context: unknown, emit: Emit<DeadLetter>): Promise<void> | undefined {
    return this.window?.submit(() => this.applyGroup(changes, emit)) ?? undefined;
  }

  async finishBundle(): Promise<void> {
    await this.window?.drain();
    await this.applyWaiting();
    this.window = undefined;
  }

  async abandonBundle(): Promise<void> {
    this.stopping?.abort();
    await this.window?.drain().catch(() => {});
    this.window = undefined;
  }

  /** One batch after the other: a row of a later one may need its parent of an earlier one. */
  private async applyGroup(changes: readonly StreamedChange[], emit: Emit<DeadLetter>): Promise<void> {
    const batches = changeBatches(this.plan, changes, this.options.limits, ({ message }) => message.data.length);
    for (const batch of batches) await this.applyBatch(batch, emit);
  }

  private async applyBatch(batch: readonly StreamedChange[], emit: Emit<DeadLetter>): Promise<void> {
    const { apply, store } = this;
    if (apply === undefined || store === undefined) throw new Error("startBundle has not been called");
    const outcome = await apply(store, batch);
    const { parentWaitSeconds, waiting } = this.options;
    const ledger = openChangeLedger(this.runId);
    const here = waiting === "in the bundle" ? { ...ledger, waitingSince: new Map<string, string>() } : ledger;
    const letters = settleChanges(this.plan, outcome, here, { parentWaitSeconds, now: new Date() });
    for (const letter of letters) await emit(letter);
    if (here !== ledger) this.keepWaiting(batch, here, emit);
  }

  /** They have no outcome yet, so that they do not count as waiting either. */
  private keepWaiting(batch: readonly StreamedChange[], { waitingSince, add }: ChangeLedger, emit: Emit<DeadLetter>) {
    add({ waiting: -waitingSince.size });
    for (const change of batch) {
      const since = waitingSince.get(change.message.messageId);
      if (since === undefined) continue;
      this.waiting.push({ change: { ...change, message: { ...change.message, waitingSince: since } }, emit });
    }
  }

  /** Until all are applied or have waited for too long; other workers may bring the rows that they wait for. */
  private async applyWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      await pause(WAIT_MILLISECONDS, undefined, { signal: this.stopping?.signal });
      const waited = this.waiting.splice(0);
      const [first] = waited;
      if (first === undefined) return;
      const changes = waited.map(({ change }) => change);
      await this.applyGroup(changes, first.emit);
    }
  }
}

registerForWorkers("transforms/apply-changes", { ApplyChanges });
