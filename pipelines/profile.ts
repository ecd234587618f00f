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

/** Which items of an export are read; `ledger` is where they are counted. */
export interface ExportSource {
  readonly files: readonly DataFile[];
  /** So many items only; undefined for all of them, proven by the manifest. */
  readonly sample: number | undefined;
  readonly ledger: string;
}

/**
 * The first pass of a profile: what is in the items.
 *
 *     ReadExport ─ blocks ─ ProfileItems
 */
export function createProfilePipeline(source: ExportSource, config: ProfileItemsConfig): (root: Root) => void {
  return (root) => {
    root.apply(readBlocks(source)).apply(profileItems(config));
  };
}

/**
 * The second pass: would a load with the proposed mapping take every item?
 *
 *     ReadExport ─ blocks ─ ProveItems
 */
export function createProofPipeline(
  source: ExportSource,
  proof: { readonly runId: string; readonly plan: MigrationPlan; readonly dialect: Dialect },
): (root: Root) => void {
  return (root) => {
    root
      .apply(readBlocks(source))
      .apply(asyncParDo(new ProveItems(proof.runId, JSON.stringify(proof.plan), proof.dialect)));
  };
}

function readBlocks({ files, sample, ledger }: ExportSource): PTransform<Root, PCollection<Block>> {
  return withName("Items", (root: Root) =>
    sample === undefined
      ? root.apply(createElements("DataFiles", files)).apply(asyncParDo(new ReadExport(ledger)))
      : root
          .apply(createElements("FileSamples", shareSample(files, sample)))
          .apply(asyncParDo(new SampleExport(ledger))),
  );
}
