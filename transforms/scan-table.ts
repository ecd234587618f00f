import type { AsyncDoFn, Emit } from "../beam/async-do-fn";
import { registerForWorkers } from "../beam/worker-module";
import { dynamoDbClient } from "../dynamodb/dynamodb-client";
import { scanSegment, type TableSegment } from "../dynamodb/scan-segment";
import { describeTableError } from "../dynamodb/table-error";
import type { Block } from "../export/block";
import type { Item } from "../schema/attribute-value";
import { openLedger } from "./ledger";

/** A part of a live table of which the first items are read. */
export interface SegmentSample extends TableSegment {
  readonly items: number;
}

/**
 * Reads the first items of segments of a live table as an export would hold them: a {@link SegmentSample} in, blocks of
 * lines out. Segments are cut by a hash of the partition key, so it is a random sample. Counts `read` in the run's ledger.
 *
 * Fails with MigrationError E_TABLE_REQUEST.
 */
export class ScanTable implements AsyncDoFn<SegmentSample, Block> {
  readonly beamName = "ScanTable";

  constructor(readonly runId: string) {}

  async process(sample: SegmentSample, _context: unknown, emit: Emit<Block>): Promise<void> {
    const ledger = openLedger(this.runId);
    const client = dynamoDbClient();
    const file = `${sample.table}, segment ${sample.segment}`;
    let left = sample.items;
    let firstLine = 1;
    try {
      for await (const page of scanSegment(client, sample)) {
        const items = page.slice(0, left);
        if (items.length > 0) {
          ledger.add(file, { read: items.length });
          await emit(blockOf(file, firstLine, items));
        }
        left -= items.length;
        firstLine += items.length;
        if (left === 0 || ledger.stopRequested) return;
      }
    } catch (error) {
      throw describeTableError(error, sample.table);
    } finally {
      client.destroy();
    }
  }
}

function blockOf(file: string, firstLine: number, items: readonly Item[]): Block {
  const text = items.map((item) => `${JSON.stringify({ Item: item })}\n`).join("");
  return { file, firstLine, lineCount: items.length, bytes: Buffer.from(text) };
}

registerForWorkers("transforms/scan-table", { ScanTable });
