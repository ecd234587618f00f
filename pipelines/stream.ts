import { P, type PCollection, type Root } from "apache-beam/pvalue";
import { flatten } from "apache-beam/transforms/flatten";
import { type PTransform, withName } from "apache-beam/transforms/transform";
import type { AsyncDoFn } from "../beam/async-do-fn";
import { asyncParDo } from "../beam/async-par-do";
import { splitOutputs } from "../beam/tagged-outputs";
import type { MigrationPlan } from "../schema/migration-plan";
import type { SpannerTarget } from "../spanner/connection";
import { ApplyChanges, type ApplyChangesOptions } from "../transforms/apply-changes";
import type { ChangeMessage } from "../transforms/change-message";
import type { DeadLetter } from "../transforms/dead-letter";
import { changeCounters, MeteredStep } from "../transforms/metered-step";
import { NewestPerItem } from "../transforms/newest-per-item";
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

/** Reads messages; on a remote runner it may have to ask another service how. */
export type MessageSource = (root: Root) => PCollection<ChangeMessage> | Promise<PCollection<ChangeMessage>>;

/** Makes a transform of a step, as its runner needs it. */
export type ApplyStep = <I, O>(step: AsyncDoFn<I, O>) => PTransform<PCollection<I>, PCollection<O>>;

/** For steps that share a ledger with the launcher. */
export const asItIs: ApplyStep = (step) => asyncParDo(step);

/** For workers of a remote runner: steps count with Beam's counters. */
export function metered(runId: string): ApplyStep {
  return (step) => asyncParDo(new MeteredStep(runId, step), changeCounters());
}

/**
 * The stream pipeline: messages with changes in, rows in Spanner out. A bundle is a window; see {@link NewestPerItem}.
 *
 *     ReadChanges ─ ParseChange ─ changes ─ NewestPerItem ─ ApplyChanges
 *                        └─ failures ─────────────────────────────┴── WriteDeadLetters
 *
 * When a bundle of messages has succeeded, each of its changes is committed, was stale, has a dead letter that is stored,
 * or (on the direct runner) is noted as waiting: only then may a message be acknowledged.
 */
export function createStreamPipeline(
  config: StreamConfig,
  source: MessageSource,
  applyStep: ApplyStep = asItIs,
): (root: Root) => Promise<void> {
  return async (root) => {
    const messages = await source(root);
    applyMessages(config, messages, applyStep).apply(
      applyStep(new WriteDeadLetters(config.runId, config.deadLetters, "with the bundle")),
    );
  };
}

/** Applies the changes that messages hold; gives the dead letters of those that can't be applied. */
export function applyMessages(
  { runId, plan, target, parse, apply }: Omit<StreamConfig, "deadLetters">,
  messages: PCollection<ChangeMessage>,
  applyStep: ApplyStep = asItIs,
): PCollection<DeadLetter> {
  const parsed = splitOutputs<ParseChangeOutputs>(
    "ParseChange",
    messages.apply(applyStep(new ParseChange(runId, plan, parse))),
    ["changes", "deadLetters"],
  );

  const refused = parsed.changes
    .apply(applyStep(new NewestPerItem(runId, plan)))
    .apply(applyStep(new ApplyChanges(runId, plan, target, apply)));

  return P([parsed.deadLetters, refused]).apply(withName("Failures", flatten<DeadLetter>()));
}
