import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import { scanSegment } from "../dynamodb/scan-segment";
import { describeTableError } from "../dynamodb/table-error";
import { compileExpectation, type ExpectRowsConfig, readItem } from "./verify-expect";
import { type ExpectedRow, openVerifyLedger } from "./verify-ledger";

/** One of the parts into which a scan divides a table. */
export interface ScanPart {
  readonly segment: number;
  readonly segments: number;
}

/**
 * The rows that the items of a live table ask for: a part of the table in, its rows out, a page at a time. Counts `read`
 * and `filtered` in the run's ledger.
 *
 * Fails with MigrationError E_TABLE_REQUEST.
 */
export class ReadTable implements AsyncDoFn<ScanPart, readonly ExpectedRow[]> {
  readonly beamName = "ReadTable";

  constructor(
    readonly config: ExpectRowsConfig,
    readonly table: string,
  ) {}

  async process({ segment, segments }: ScanPart, _context: unknown, emit: Emit<readonly ExpectedRow[]>): Promise<void> {
    const { runId, plan, dialect } = this.config;
    const expect = compileExpectation(plan, dialect);
    const { counts } = openVerifyLedger(runId);
    const client = dynamoDbClient();
    try {
      for await (const page of scanSegment(client, { table: this.table, segment, segments })) {
        const rows: ExpectedRow[] = [];
        for (const raw of page) {
          counts.read++;
          const row = expect(() => readItem(raw), this.table, true);
          if (row === undefined) counts.filtered++;
          else rows.push(row);
        }
        if (rows.length > 0) await emit(rows);
      }
    } catch (error) {
      throw describeTableError(error, this.table);
    } finally {
      client.destroy();
    }
  }
}

registerForWorkers("transforms/verify-read-table", { ReadTable });
