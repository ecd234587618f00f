import { P, type PCollection, type Root } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import { asyncParDo } from "../beam/async-par-do";
import { splitOutputs } from "../beam/tagged-outputs";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpannerTarget } from "../spanner/connection";
import type { ApplyChangesOptions } from "../transforms/apply-changes";
import { ApplyIncremental } from "../transforms/apply-incremental";
import type { ChangeMessage } from "../transforms/change-message";
import { ConvertChanges, type ConvertChangesOutputs } from "../transforms/convert-changes";
import { ConvertItem } from "../transforms/convert-item";
import type { DeadLetter } from "../transforms/dead-letter";
import type { ParseChangeOptions } from "../transforms/parse-change-message";
import { BlockFailures, CollectFailures, readReplayBlocks } from "../transforms/replay-batch";
import { GuardRows } from "../transforms/replay-guard";
import { WriteRows } from "../transforms/write-rows";
import { applyMessages } from "./stream";

/** Everything that a replay needs; plain data. */
export interface ReplayConfig {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly target: SpannerTarget;
  readonly cellsPerRow: readonly number[];
  readonly commitsInFlight: number;
  readonly parse: ParseChangeOptions;
  readonly apply: ApplyChangesOptions;
  /** The live DynamoDB table, for lines of incremental exports whose order nothing else tells; null: none. */
  readonly sourceTable: string | null;
}

/**
 * Puts lines of an export through the steps of the load again, for the tables of one level:
 *
 *     ReadDeadLetters ─ ConvertItem ─ GuardRows ─ WriteRows ─ BlockFailures ─ CollectFailures
 */
export function createLinesPipeline(config: ReplayConfig, level: number): (root: Root) => void {
  const { runId, plan, target, cellsPerRow, commitsInFlight } = config;
  const { dialect } = config.parse;
  return (root) => {
    root
      .apply(readReplayBlocks(runId))
      .apply(asyncParDo(new ConvertItem({ runId, plan, dialect, level })))
      .apply(asyncParDo(new GuardRows({ runId, plan, dialect, target })))
      .apply(
        asyncParDo(
          new WriteRows({ runId, plan, target, cellsPerRow, commitsInFlight, exclusive: false, sortByKey: true }),
        ),
      )
      .apply(asyncParDo(new BlockFailures()))
      .apply(asyncParDo(new CollectFailures(runId)));
  };
}

/**
 * Puts lines of incremental exports through the steps of their application again, for the tables of one level:
 *
 *     ReadDeadLetters ─ ConvertChanges ─ changes ─ ApplyIncremental
 *                             └─ failures ────────────────┴── CollectFailures
 */
export function createChangeLinesPipeline(config: ReplayConfig, level: number): (root: Root) => void {
  const { runId, plan, target, commitsInFlight, sourceTable } = config;
  const { dialect } = config.parse;
  return (root) => {
    const converted = splitOutputs<ConvertChangesOutputs>(
      "ConvertChanges",
      root.apply(readReplayBlocks(runId)).apply(asyncParDo(new ConvertChanges({ runId, plan, dialect, level }))),
      ["changes", "failures"],
    );
    const refused = converted.changes.apply(
      asyncParDo(new ApplyIncremental({ runId, plan, dialect, target, commitsInFlight, sourceTable })),
    );
    P([converted.failures, refused])
      .apply(withName("Failures", flatten<DeadLetter>()))
      .apply(asyncParDo(new CollectFailures(runId)));
  };
}

/** Puts messages through the steps of the stream again; what fails is collected. */
export function createMessagesPipeline(
  config: ReplayConfig,
  source: PTransform<Root, PCollection<ChangeMessage>>,
): (root: Root) => void {
  return (root) => {
    applyMessages(config, root.apply(source)).apply(asyncParDo(new CollectFailures(config.runId)));
  };
}
