import type { Root } from "apache-beam/pvalue";
import { createElements } from "../beam/create-elements";
import type { DataFile } from "../export/open-export";
import { ConvertItem, type ConvertItemConfig } from "../transforms/convert-item";
import { FinishBlocks, type FinishBlocksConfig } from "../transforms/finish-blocks";
import { ReadExport } from "../transforms/read-export";
import { WriteRows, type WriteRowsConfig } from "../transforms/write-rows";
import { type BulkCounts, bulkCounts } from "./bulk-counts";

/** Everything that one pass of the bulk load needs; plain data. */
export interface BulkConfig extends ConvertItemConfig, WriteRowsConfig, FinishBlocksConfig, BulkCounts {
  /** Ledger in which this pass counts what it reads. */
  readonly readLedger: string;
  readonly files: readonly DataFile[];
}

/**
 * The bulk pipeline: data files of an export in, rows in Spanner out.
 *
 *     ReadExport ─ blocks ─ ConvertItem ─ rows ─ WriteRows ─ outcomes ─ FinishBlocks
 *
 * Dead letters travel with their block: it is finished when they are stored.
 *
 * Blocks and rows have no other readers than these: WriteRows gives their memory back, to be used for the next ones.
 */
export function createBulkPipeline(config: BulkConfig): (root: Root) => void {
  return (root) => {
    const counts = bulkCounts(config);
    const files = root.apply(createElements("DataFiles", config.files));
    const blocks = counts.apply(files, new ReadExport(config.readLedger));

    const converted = counts.apply(blocks, new ConvertItem(convertConfig(config)));
    const outcomes = counts.apply(converted, new WriteRows(writeConfig(config)));
    counts.apply(outcomes, new FinishBlocks(finishConfig(config)));
    counts.store();
  };
}

function convertConfig({ runId, plan, dialect, level }: BulkConfig): ConvertItemConfig {
  return { runId, plan, dialect, level };
}

function writeConfig(config: BulkConfig): WriteRowsConfig {
  const { runId, target, plan, cellsPerRow, commitsInFlight, exclusive, sortByKey } = config;
  return { runId, target, plan, cellsPerRow, commitsInFlight, exclusive, sortByKey };
}

function finishConfig({ runId, deadLetters, target, level, record }: BulkConfig): FinishBlocksConfig {
  return { runId, deadLetters, target, level, ...(record === undefined ? {} : { record }) };
}
