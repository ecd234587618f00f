import { P, type PCollection, type Root } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import { asyncParDo } from "../beam/async-par-do";
import { splitOutputs } from "../beam/tagged-outputs";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpannerTarget } from "../spanner/connection";
import { ApplyChanges, type ApplyChangesOptions } from "../transforms/apply-changes";
import type { ChangeMessage } from "../transforms/change-message";
import type { DeadLetter } from "../transforms/dead-letter";
import { newestPerItem } from "../transforms/newest-per-item";
import { ParseChange, type ParseChangeOutputs } from "../transforms/parse-change";
import type { ParseChangeOptions } from "../transforms/parse-change-message";
import { WriteDeadLetters } from "../transforms/write-dead-letters";

/** Everything that the stream pipeline needs; plain data. */
export interface StreamConfig {
  /** Names the ledger of changes, and the files of dead letters. */
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly target: SpannerTarget;
  readonly parse: ParseChangeOptions;
  readonly apply: ApplyChangesOptions;
  /** Local folder or gs:// URL. */
  readonly deadLetters: string;
}

/**
 * The stream pipeline: messages with changes in, rows in Spanner out.
 *
 *     ReadChanges ─ ParseChange ─ changes ─ NewestPerItem ─ ApplyChanges
 *                        └─ failures ─────────────────────────────┴── WriteDeadLetters
 *
 * @param source messages in windows: a PCollection that is windowed, or that is one window
 */
export function createStreamPipeline(
  config: StreamConfig,
  source: PTransform<Root, PCollection<ChangeMessage>>,
): (root: Root) => void {
  return (root) => {
    applyMessages(config, root.apply(source)).apply(
      asyncParDo(new WriteDeadLetters(config.runId, config.deadLetters, "with the bundle")),
    );
  };
}

/** Applies the changes that messages hold; gives the dead letters of those that can't be applied. */
export function applyMessages(
  { runId, plan, target, parse, apply }: Omit<StreamConfig, "deadLetters">,
  messages: PCollection<ChangeMessage>,
): PCollection<DeadLetter> {
  const parsed = splitOutputs<ParseChangeOutputs>(
    "ParseChange",
    messages.apply(asyncParDo(new ParseChange(runId, plan, parse))),
    ["changes", "deadLetters"],
  );

  const refused = parsed.changes
    .apply(newestPerItem(runId, plan))
    .apply(asyncParDo(new ApplyChanges(runId, plan, target, apply)));

  return P([parsed.deadLetters, refused]).apply(withName("Failures", flatten<DeadLetter>()));
}
