import type { PCollection, Root } from "apache-beam/pvalue";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import { asyncParDo } from "../beam/async-par-do";
import { createElements } from "../beam/create-elements";
import type { Block } from "../export/block";
import type { DataFile } from "../export/open-export";
import type { Dialect } from "../schema/column-type";
import type { MigrationPlan } from "../schema/migration-plan";
import { type ProfileItemsConfig, profileItems } from "../transforms/profile-items";
import { ProveItems } from "../transforms/prove-items";
import { ReadExport } from "../transforms/read-export";
import { SampleExport, shareSample } from "../transforms/sample-export";
import { ScanTable, type SegmentSample } from "../transforms/scan-table";

/** Which items are read. */
export type ProfileSource =
  /** The items of an export; with `sample` so many only, else all of them, proven by the manifest. */
  | { readonly kind: "export"; readonly files: readonly DataFile[]; readonly sample: number | undefined }
  /** Some items of a live table. */
  | { readonly kind: "table"; readonly segments: readonly SegmentSample[] };

/**
 * The first pass of a profile: what is in the items.
 *
 *     ReadExport ─ blocks ─ ProfileItems
 */
export function createProfilePipeline(source: ProfileSource, config: ProfileItemsConfig): (root: Root) => void {
  return (root) => {
    root.apply(readBlocks(source, config.runId)).apply(profileItems(config));
  };
}

/**
 * The second pass: would a load with the proposed mapping take every item?
 *
 *     ReadExport ─ blocks ─ ProveItems
 */
export function createProofPipeline(
  source: ProfileSource,
  proof: { readonly runId: string; readonly plan: MigrationPlan; readonly dialect: Dialect },
): (root: Root) => void {
  return (root) => {
    root
      .apply(readBlocks(source, proof.runId))
      .apply(asyncParDo(new ProveItems(proof.runId, JSON.stringify(proof.plan), proof.dialect)));
  };
}

/** Blocks of items, counted in the run's ledger. */
function readBlocks(source: ProfileSource, runId: string): PTransform<Root, PCollection<Block>> {
  return withName("Items", (root: Root) => {
    if (source.kind === "table") {
      return root.apply(createElements("Segments", source.segments)).apply(asyncParDo(new ScanTable(runId)));
    }
    const { files, sample } = source;
    return sample === undefined
      ? root.apply(createElements("DataFiles", files)).apply(asyncParDo(new ReadExport(runId)))
      : root
          .apply(createElements("FileSamples", shareSample(files, sample)))
          .apply(asyncParDo(new SampleExport(runId)));
  });
}
