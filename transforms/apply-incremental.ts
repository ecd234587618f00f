import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import type { Block } from "../export/block";
import type { Dialect } from "../schema/column-type";
import type { MigrationPlan } from "../schema/migration-plan";
import { type ApplyOutcome, compileApply } from "../spanner/apply-transaction";
import { type CommitWindow, createCommitWindow } from "../spanner/commit-window";
import { openSpanner, type SpannerTarget } from "../spanner/connection";
import { spannerStore } from "../spanner/spanner-store";
import { retryTransient } from "../spanner/transient-retry";
import { lineBytes } from "./block-lines";
import { changeBatches, defaultChangeLimits } from "./change-batches";
import type { ChangedBlock, LineChange } from "./convert-changes";
import { type DeadLetter, type DeadLetterReason, deadLetter } from "./dead-letter";
import { openLedger } from "./ledger";
import { ORDER_UNDECIDED } from "./settle-changes";
import { compileSettling, type SettledLine } from "./settle-line";
import { undecidedCounts } from "./undecided-counts";

export interface ApplyIncrementalConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly dialect: Dialect;
  readonly target: SpannerTarget;
  readonly commitsInFlight: number;
  /** The live DynamoDB table, to read items from whose order nothing else tells; null: it can't be reached. */
  readonly sourceTable: string | null;
}

/**
 * Applies the changes of blocks of an incremental export: a {@link ChangedBlock} in, a dead letter for each change that
 * can't be applied out. By the rule of versions that the stream's changes are under, in transactions of some hundred
 * changes; several blocks at once. Counts `written` and `stale` in the run's ledger, after the commit.
 *
 * Fails with MigrationError E_SPANNER_…, E_TABLE_REQUEST; what was committed until then is stale the next time.
 */
export class ApplyIncremental implements AsyncDoFn<ChangedBlock, DeadLetter> {
  readonly beamName = "ApplyIncremental";
  private window: CommitWindow | undefined;
  private applyBlock: ((changed: ChangedBlock, emit: Emit<DeadLetter>) => Promise<void>) | undefined;
  private source: DynamoDBClient | undefined;

  constructor(readonly config: ApplyIncrementalConfig) {}

  async startBundle(): Promise<void> {
    const { target, plan, dialect, sourceTable, commitsInFlight } = this.config;
    const connection = await openSpanner(target);
    const store = spannerStore(connection);
    const compiled = compileApply<LineChange>(plan, {
      retry: (attempt) => retryTransient(attempt, { subject: connection.databaseName }),
    });
    const apply = (changes: readonly LineChange[]) => compiled(store, changes);
    let settle: ReturnType<typeof compileSettling> | undefined;
    if (sourceTable !== null) {
      const client = dynamoDbClient();
      this.source = client;
      settle = compileSettling(plan, dialect, { client, table: sourceTable }, apply);
    }
    this.window = createCommitWindow(commitsInFlight);
    this.applyBlock = compileBlockApply(this.config, apply, settle);
  }

  process(changed: ChangedBlock, _context: unknown, emit: Emit<DeadLetter>): Promise<void> | undefined {
    const { window, applyBlock } = this;
    if (window === undefined || applyBlock === undefined) throw new TypeError("ApplyIncremental was not started");
    return window.submit(() => applyBlock(changed, emit)) ?? undefined;
  }

  async finishBundle(): Promise<void> {
    await this.window?.drain();
    this.source?.destroy();
  }

  async abandonBundle(): Promise<void> {
    await this.window?.drain().catch(() => undefined);
    this.source?.destroy();
  }
}

function compileBlockApply(
  { runId, plan }: ApplyIncrementalConfig,
  apply: (changes: readonly LineChange[]) => Promise<ApplyOutcome<LineChange>>,
  settle: ReturnType<typeof compileSettling> | undefined,
): (changed: ChangedBlock, emit: Emit<DeadLetter>) => Promise<void> {
  const account = async (block: Block, outcome: ApplyOutcome<LineChange>, emit: Emit<DeadLetter>): Promise<void> => {
    const { applied, stale, superseded, waiting, failed } = outcome;
    openLedger(runId).add(block.file, { written: applied.length, stale: stale.length + superseded.length });
    for (const change of waiting) await refuse(block, change, PARENT_MISSING, emit);
    for (const { change, error } of failed) await refuse(block, change, error, emit);
  };
  const refuse = async (block: Block, change: LineChange, reason: DeadLetterReason, emit: Emit<DeadLetter>) => {
    const { code, message } = reason;
    const name = reason.table ?? plan.tables[change.table]?.name;
    const placed = { ...placeOf(reason), code, message, ...(name === undefined ? {} : { table: name }) };
    await emit(deadLetter(placed, { file: block.file, line: change.line }, lineBytes(block, change.line)));
  };

  return async ({ block, changes }, emit) => {
    for (const batch of changeBatches(plan, changes, defaultChangeLimits, ({ bytes }) => bytes)) {
      const outcome = await apply(batch);
      await account(block, outcome, emit);
      for (const each of outcome.undecided) {
        const counts = undecidedCounts(runId);
        counts.undecided++;
        const settled: SettledLine = (await settle?.(each)) ?? {
          kind: "refused",
          change: each.change,
          reason: ORDER_UNDECIDED,
        };
        if (settled.kind === "refused") await refuse(block, settled.change, settled.reason, emit);
        else {
          counts.settled += settled.outcome.applied.length + settled.outcome.stale.length;
          await account(block, settled.outcome, emit);
        }
      }
    }
  };
}

function placeOf({ attribute, column }: DeadLetterReason): Pick<DeadLetterReason, "attribute" | "column"> {
  return { ...(attribute === undefined ? {} : { attribute }), ...(column === undefined ? {} : { column }) };
}

/** All parents of the export, and those that the tables held, are there by now: passes go from the top down. */
const PARENT_MISSING: DeadLetterReason = {
  code: "E_PARENT_MISSING",
  message: "the row's parent is neither in the database nor in the export",
};

registerForWorkers("transforms/apply-incremental", { ApplyIncremental });
