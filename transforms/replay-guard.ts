import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import type { Dialect } from "../schema/column-type";
import { compileRowComparison } from "../schema/compare-values";
import type { MigrationPlan } from "../schema/migration-plan";
import { openSpanner, type SpannerConnection, type SpannerTarget } from "../spanner/connection";
import { decodeRow } from "../spanner/row-decoder";
import { RowEncoder } from "../spanner/row-encoder";
import { takeSnapshot } from "../spanner/row-reader";
import { lineBytes } from "./block-lines";
import type { ConvertedBlock, TableBlock } from "./convert-item";
import { type DeadLetter, deadLetter } from "./dead-letter";
import { openLedger } from "./ledger";
import { compileRowJudge } from "./verify-look";

export interface GuardRowsConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly dialect: Dialect;
  readonly target: SpannerTarget;
}

/**
 * Lets through what an old dead letter may write: a {@link ConvertedBlock} in, one with the rows that are left out, with a
 * dead letter for each that is not.
 *
 * An item that failed to load has left no row. If there is one now, and no version says that a change brought it, then
 * another load has written it, perhaps of a newer export: it is not overwritten on a guess, unless it is the same. The
 * same holds for two dead letters of one row: the first in the block goes through (the newest is put first).
 */
export class GuardRows implements AsyncDoFn<ConvertedBlock, ConvertedBlock> {
  readonly beamName = "GuardRows";
  private connection: SpannerConnection | undefined;

  constructor(readonly config: GuardRowsConfig) {}

  async startBundle(): Promise<void> {
    this.connection = await openSpanner(this.config.target);
  }

  async process(converted: ConvertedBlock, _context: unknown, emit: Emit<ConvertedBlock>): Promise<void> {
    const { connection } = this;
    if (connection === undefined) throw new TypeError("GuardRows was not started");
    const letters = [...converted.letters];
    const tables: TableBlock[] = [];
    for (const part of converted.tables) {
      const { rows, refused } = await this.guard(connection, converted, part);
      if (rows !== undefined) tables.push(rows);
      letters.push(...refused);
    }
    await emit({ ...converted, tables, letters });
  }

  private async guard(connection: SpannerConnection, { block }: ConvertedBlock, { table, rows }: TableBlock) {
    const { runId, plan, dialect } = this.config;
    const tablePlan = plan.tables[table];
    if (tablePlan === undefined) throw new RangeError(`the plan has no table number ${table}`);
    const judge = compileRowJudge(plan, dialect, "export");
    const compare = compileRowComparison(tablePlan, dialect);
    const encoder = new RowEncoder(tablePlan.keyLength);
    const refused: DeadLetter[] = [];
    const first = new Map<string, ReturnType<typeof decodeRow>>();

    const decoded = Array.from({ length: rows.count }, (_, index) => decodeRow(rows, index));
    const keys = decoded.map((values) => ({ table, key: values.slice(0, tablePlan.keyLength) }));
    const look = await judge.look(await takeSnapshot(connection), keys);
    for (const [index, values] of decoded.entries()) {
      const line = rows.lines[index] ?? 0;
      const reference = { table, key: values.slice(0, tablePlan.keyLength) };
      const id = judge.identity(reference);
      const { row, version } = look(reference);
      const before = first.get(id);
      const other = before ?? (version === undefined ? row : undefined);
      if (other !== undefined && compare(values, other).length > 0) {
        const reason = {
          code: "E_REPLAY_ROW_EXISTS",
          message: "the row was written since, with other values",
          table: tablePlan.name,
        } as const;
        refused.push(deadLetter(reason, { file: block.file, line }, lineBytes(block, line)));
      } else if (before !== undefined) {
        // The same row once more: the first writes it, or stays a dead letter for both.
        openLedger(runId).add(block.file, { written: 1 });
      } else {
        first.set(id, values);
        encoder.appendRow(values, line);
      }
    }
    return { rows: encoder.count > 0 ? { table, rows: encoder.finish() } : undefined, refused };
  }
}

registerForWorkers("transforms/replay-guard", { GuardRows });
