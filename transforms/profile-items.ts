import "apache-beam";
import type { PCollection } from "apache-beam/pvalue";
import { groupBy } from "apache-beam/transforms/group_and_combine";
import { withName } from "apache-beam/transforms/transform";
import type { KV } from "apache-beam/values";
import type { AsyncDoFn, FinishEmit } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { registerForWorkers } from "../beam/worker-module";
import type { Block } from "../export/block";
import type { Dialect } from "../schema/column-type";
import { compileCandidateCheck } from "../schema/profile/candidate-types";
import { ItemGatherer, type ItemProfile, type SourceKey } from "../schema/profile/item-profile";
import { forEachItem } from "./block-items";
import { openProfileRun } from "./profile-run";

export interface ProfileItemsConfig {
  readonly runId: string;
  /** A `SourceKey` as JSON: the names are the user's. */
  readonly keyJson: string;
  readonly dialect: Dialect;
  readonly examples: boolean;
  /** Bound on the attributes and paths that are profiled one by one. */
  readonly maxPaths: number;
}

/** What one bundle has found: an `ItemProfile` as JSON, which may cross from one worker to another. */
interface BundleProfile {
  readonly group: "all";
  readonly profileJson: string;
}

/** Profiles the items of blocks, and puts the profile into the run. */
export function profileItems(config: ProfileItemsConfig) {
  return withName("ProfileItems", (blocks: PCollection<Block>) =>
    blocks
      .apply(asyncParDo(new GatherItems(config)))
      .apply(groupBy<BundleProfile, string>("group"))
      .apply(asyncParDo(new MergeProfiles(config))),
  );
}

/** One profile a bundle: whatever the number of items, a bundle's profile has a bounded size. */
class GatherItems implements AsyncDoFn<Block, BundleProfile> {
  readonly beamName = "GatherItems";
  private gatherer: ItemGatherer | undefined;

  constructor(readonly config: ProfileItemsConfig) {}

  startBundle(): void {
    this.gatherer = newGatherer(this.config);
  }

  process(block: Block): void {
    const gatherer = this.gatherer;
    if (gatherer === undefined) throw new TypeError("GatherItems was not started");
    forEachItem(block, {
      item: (item) => gatherer.add(item),
      unreadable: (code) => gatherer.addUnreadable(code),
    });
  }

  async finishBundle(_context: unknown, emit: FinishEmit<BundleProfile>): Promise<void> {
    const profile = this.gatherer?.profile;
    this.gatherer = undefined;
    if (profile !== undefined) await emit({ group: "all", profileJson: JSON.stringify(profile) });
  }
}

class MergeProfiles implements AsyncDoFn<KV<string, Iterable<BundleProfile>>, never> {
  readonly beamName = "MergeProfiles";

  constructor(readonly config: ProfileItemsConfig) {}

  process({ value }: KV<string, Iterable<BundleProfile>>): void {
    const gatherer = newGatherer(this.config);
    for (const { profileJson } of value) gatherer.merge(JSON.parse(profileJson) as ItemProfile);
    openProfileRun(this.config.runId).profile = gatherer.profile;
  }
}

function newGatherer({ keyJson, dialect, examples, maxPaths }: ProfileItemsConfig): ItemGatherer {
  const options = { check: compileCandidateCheck(dialect), examples };
  return new ItemGatherer(JSON.parse(keyJson) as SourceKey, options, maxPaths);
}

registerForWorkers("transforms/profile-items", { GatherItems, MergeProfiles });
