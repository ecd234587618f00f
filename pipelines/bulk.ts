import { P, type Root } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { withName } from "apache-beam/transforms/transform";
import { createElements } from "../beam/create-elements";
import { splitOutputs } from "../beam/tagged-outputs";
import type { DataFile } from "../export/open-export";
import { ConvertItem, type ConvertItemConfig, type ConvertOutputs } from "../transforms/convert-item";
import type { DeadLetter } from "../transforms/dead-letter";
import { ReadExport } from "../transforms/read-export";
import { WriteDeadLetters } from "../transforms/write-dead-letters";
import { WriteRows, type WriteRowsConfig } from "../transforms/write-rows";
import { type BulkCounts, bulkCounts } from "./bulk-counts";

/** Everything that one pass of the bulk load needs; plain data. */
export interface BulkConfig extends ConvertItemConfig, WriteRowsConfig, BulkCounts {
  /** Ledger in which this pass counts what it reads. */
  readonly readLedger: string;
  readonly files: readonly DataFile[];
  /** Local folder or gs:// URL. */
  readonly deadLetters: string;
}

/**
 * The bulk pipeline: data files of an export in, rows in Spanner out.
 *
 *     ReadExport ─ blocks ─ ConvertItem ─ rows ─ WriteRows
 *                                └─ failures ────────┴── WriteDeadLetters
 */
export function createBulkPipeline(config: BulkConfig): (root: Root) => void {
  return (root) => {
    const counts = bulkCounts(config);
    const files = root.apply(createElements("DataFiles", config.files));
    const blocks = counts.apply(files, new ReadExport(config.readLedger));

    const converted = splitOutputs<ConvertOutputs>(
      "ConvertItem",
      counts.apply(blocks, new ConvertItem(convertConfig(config))),
      ["rows", "failures"],
    );

    const refused = counts.apply(converted.rows, new WriteRows(writeConfig(config)));

    const failures = P([converted.failures, refused]).apply(withName("Failures", flatten<DeadLetter>()));
    counts.apply(failures, new WriteDeadLetters(config.runId, config.deadLetters));
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
