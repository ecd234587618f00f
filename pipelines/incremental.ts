import { P, type Root } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { withName } from "apache-beam/transforms/transform";
import { createElements } from "../beam/create-elements";
import { splitOutputs } from "../beam/tagged-outputs";
import { ApplyIncremental } from "../transforms/apply-incremental";
import { ConvertChanges, type ConvertChangesOutputs } from "../transforms/convert-changes";
import type { DeadLetter } from "../transforms/dead-letter";
import { ReadExport } from "../transforms/read-export";
import { WriteDeadLetters } from "../transforms/write-dead-letters";
import type { BulkConfig } from "./bulk";
import { bulkCounts } from "./bulk-counts";

/**
 * The pipeline of an incremental export: its data files in, changed rows in Spanner out. One pass for each level of
 * interleaving, as for a full export.
 *
 *     ReadExport ─ blocks ─ ConvertChanges ─ changes ─ ApplyIncremental
 *                                └─ failures ─────────────────┴── WriteDeadLetters
 */
export function createIncrementalPipeline(config: BulkConfig, sourceTable: string | null): (root: Root) => void {
  const { runId, plan, dialect, level, target, commitsInFlight } = config;
  return (root) => {
    const counts = bulkCounts(config);
    const files = root.apply(createElements("DataFiles", config.files));
    const blocks = counts.apply(files, new ReadExport(config.readLedger));

    const converted = splitOutputs<ConvertChangesOutputs>(
      "ConvertChanges",
      counts.apply(blocks, new ConvertChanges({ runId, plan, dialect, level })),
      ["changes", "failures"],
    );

    const refused = counts.apply(
      converted.changes,
      new ApplyIncremental({ runId, plan, dialect, target, commitsInFlight, sourceTable }),
    );

    const failures = P([converted.failures, refused]).apply(withName("Failures", flatten<DeadLetter>()));
    counts.apply(failures, new WriteDeadLetters(config.runId, config.deadLetters));
    counts.store();
  };
}
