import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { Dialect } from "../schema/column-type";
import type { MigrationPlan } from "../schema/migration-plan";
import { type CommitWindow, createCommitWindow } from "../spanner/commit-window";
import { openSpanner, type SpannerConnection, type SpannerTarget } from "../spanner/connection";
import { openSnapshot, takeSnapshot } from "../spanner/row-reader";
import { digestKey } from "./verify-key-sketch";
import { type ExpectedRow, openVerifyLedger, type VerifySource } from "./verify-ledger";
import { compileRowJudge, type RowJudge } from "./verify-look";

export interface VerifyRowsConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly dialect: Dialect;
  readonly target: SpannerTarget;
  readonly source: VerifySource;
  /** The moment at which rows are read, RFC 3339. */
  readonly readTimestamp: string;
  /** Share of the rows that are compared, above 0 and up to 1. */
  readonly sample: number;
}

/** Batches of reads under way at once. */
const READS_IN_FLIGHT = 4;

/**
 * Compares rows with what items ask for: a batch of {@link ExpectedRow} in, nothing out. Counts `notSampled`, `equal`,
 * `behind` and `matched` in the run's ledger; what is not as it should be is noted there as a suspect.
 *
 * Rows are read as of the run's read timestamp. A source table goes on changing after it, so there what differs is read
 * once more, as of now, before it is a suspect.
 *
 * Fails with MigrationError E_SPANNER_…, E_VERIFY_TOO_LONG.
 */
export class CompareRows implements AsyncDoFn<readonly ExpectedRow[], never> {
  readonly beamName = "CompareRows";
  private connection: SpannerConnection | undefined;
  private judge: RowJudge | undefined;
  private window: CommitWindow | undefined;

  constructor(readonly config: VerifyRowsConfig) {}

  async startBundle(): Promise<void> {
    const { target, plan, dialect, source } = this.config;
    this.connection = await openSpanner(target);
    this.judge = compileRowJudge(plan, dialect, source);
    this.window = createCommitWindow(READS_IN_FLIGHT);
  }

  process(rows: readonly ExpectedRow[], _context: unknown, _emit: Emit<never>): Promise<void> | undefined {
    const { connection, judge, window } = this;
    if (connection === undefined || judge === undefined || window === undefined) {
      throw new TypeError("CompareRows was not started");
    }
    return window.submit(() => this.compare(connection, judge, rows)) ?? undefined;
  }

  async finishBundle(): Promise<void> {
    await this.window?.drain();
  }

  async abandonBundle(): Promise<void> {
    await this.window?.drain().catch(() => undefined);
  }

  private async compare(connection: SpannerConnection, judge: RowJudge, all: readonly ExpectedRow[]): Promise<void> {
    const { runId, source, readTimestamp, sample } = this.config;
    const ledger = openVerifyLedger(runId);
    const placed: ExpectedRow[] = [];
    for (const row of all) {
      // Where the row would lie is not known: nothing explains why there is none.
      if (row.table < 0) ledger.suspect(row);
      else if (digestKey(judge.identity(row)).share < sample) placed.push(row);
      else ledger.counts.notSampled++;
    }

    const look = await judge.look(openSnapshot(connection, readTimestamp), placed);
    const unequal: ExpectedRow[] = [];
    for (const row of placed) {
      const found = look(row);
      if (found.row !== undefined) {
        ledger.counts.matched++;
        // Where an export is compared, rows with versions are explained by their versions: NoteRows leaves them out as well.
        if (source === "export" && found.version !== undefined) ledger.counts.newerMatched++;
        else ledger.unexplained.takeOut(digestKey(judge.identity(row)));
      }
      const verdict = judge.judge(row.table, row.values, found).kind;
      if (verdict === "equal" || verdict === "behind") ledger.counts[verdict]++;
      else unequal.push(row);
    }
    if (unequal.length === 0) return;
    if (source === "export") {
      for (const row of unequal) ledger.suspect(row);
      return;
    }
    const lookNow = await judge.look(await takeSnapshot(connection), unequal);
    for (const row of unequal) {
      if (judge.judge(row.table, row.values, lookNow(row)).kind === "equal") ledger.counts.equal++;
      else ledger.suspect({ ...row, values: null, refusal: null });
    }
  }
}

/**
 * Notes which rows there are: the index of a table of the plan in, nothing out. Adds each row's key to the run's sketch
 * of unexplained rows; of an export's target, only rows without a version, for a version explains its row.
 * Counts `rows` and `newerRows` in the run's ledger.
 */
export class NoteRows implements AsyncDoFn<number, never> {
  readonly beamName = "NoteRows";
  private connection: SpannerConnection | undefined;

  constructor(readonly config: VerifyRowsConfig) {}

  async startBundle(): Promise<void> {
    this.connection = await openSpanner(this.config.target);
  }

  async process(table: number): Promise<void> {
    const { connection, config } = this;
    if (connection === undefined) throw new TypeError("NoteRows was not started");
    const ledger = openVerifyLedger(config.runId);
    for await (const { key, newer } of scanKeys(connection, config, table)) {
      ledger.counts.rows++;
      if (newer) ledger.counts.newerRows++;
      else ledger.unexplained.add(digestKey(key.identity));
    }
  }
}

export interface ScannedKey {
  readonly identity: string;
  readonly values: ExpectedRow["key"];
}

/** The keys of a table's rows that are in the sample; `newer`: the target of an export, and the row has a version. */
export async function* scanKeys(
  connection: SpannerConnection,
  { plan, dialect, source, readTimestamp, sample }: VerifyRowsConfig,
  table: number,
): AsyncGenerator<{ readonly key: ScannedKey; readonly newer: boolean }> {
  const tablePlan = plan.tables[table];
  if (tablePlan === undefined) throw new RangeError(`the plan has no table number ${table}`);
  const { identity } = compileRowJudge(plan, dialect, source);
  const snapshot = openSnapshot(connection, readTimestamp);
  const columns = tablePlan.columns.slice(0, tablePlan.keyLength).map(({ name }) => name);
  for await (const page of snapshot.scanRows(tablePlan.name, columns)) {
    const keys = page
      .map((values) => ({ values, identity: identity({ table, key: values }) }))
      .filter((key) => digestKey(key.identity).share < sample);
    const versioned = new Set<string>();
    if (source === "export") {
      const values = keys.map((key) => key.values);
      for (const row of await snapshot.readRows(tablePlan.versionTable, columns, values)) {
        versioned.add(identity({ table, key: row }));
      }
    }
    for (const key of keys) yield { key, newer: versioned.has(key.identity) };
  }
}

registerForWorkers("transforms/verify-rows", { CompareRows, NoteRows });
