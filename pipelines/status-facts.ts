import { compareIndexes } from "../schema/index-difference";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { RUNS_TABLE } from "../schema/progress-table";
import { findLiveTable } from "../schema/schema-difference";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { takeSnapshot } from "../spanner/row-reader";
import { type RecordedRuns, readRuns } from "../spanner/run-store";
import { askBacklog } from "./ask-backlog";
import { countDeadLetters } from "./dead-letter-count";
import { type GateFacts, newestOf } from "./gate-facts";
import { mappingHash } from "./mapping-hash";
import {
  checkSubscriptionSettings,
  noteSight,
  type StatusWarning,
  type SubscriptionCheck,
  subscriptionSights,
} from "./subscription-sight";

export interface StatusQuestion {
  readonly plan: MigrationPlan;
  readonly project: string;
  /** `projects/…/subscriptions/…`, to be looked at; undefined: those that streams have recorded count. */
  readonly subscription: string | undefined;
  readonly deadLetters: string;
  readonly drainedFor: number;
  readonly verifiedWithin: number;
}

/**
 * Gathers all that the verdict rests on. A subscription that is looked at for the first time is noted in the database.
 * @throws MigrationError E_SCHEMA_DIFFERS, E_SPANNER_…, E_PROGRESS_UNREADABLE
 */
export async function gatherFacts(
  connection: SpannerConnection,
  question: StatusQuestion,
): Promise<{ readonly facts: GateFacts; readonly warnings: readonly StatusWarning[] }> {
  const { plan, project, subscription } = question;
  const schema = await requireSchema(connection.database(), plan);
  const recorded = findLiveTable(schema, RUNS_TABLE) !== undefined;
  const check = subscription === undefined ? undefined : await checkSubscriptionSettings(project, subscription);
  const { at, runs } = recorded
    ? await readAndNote(connection, plan, check)
    : { at: (await takeSnapshot(connection)).at, runs: [] };
  const asked = subscription ?? newestOf(runs, "stream")?.details.flow?.subscription;
  return {
    facts: {
      ...{ at, recorded, runs },
      backlog: asked === undefined ? null : await askBacklog(asked),
      sourceTable: plan.source.table,
      mappingHash: mappingHash(plan),
      folders: await countDeadLetters(runs, question.deadLetters),
      indexProblems: indexProblems(plan, schema),
      subscriptions: subscriptionSights(runs, subscription),
      drainedForSeconds: question.drainedFor,
      verifiedWithinSeconds: question.verifiedWithin,
    },
    warnings: check?.warnings ?? [],
  };
}

async function readAndNote(
  connection: SpannerConnection,
  plan: MigrationPlan,
  check: SubscriptionCheck | undefined,
): Promise<RecordedRuns> {
  const sourceTable = plan.source.table;
  const known = await readRuns(connection, sourceTable);
  if (check === undefined || !check.there) return known;
  const identity = { name: check.name, sourceTable, mappingHash: mappingHash(plan) };
  return (await noteSight(connection, known.runs, identity)) ? readRuns(connection, sourceTable) : known;
}

function indexProblems(plan: MigrationPlan, schema: LiveSchema): readonly string[] {
  const { missing, building, differences } = compareIndexes(plan, schema);
  return [
    ...missing.map(({ index }) => `${index.name} is missing`),
    ...building.map((name) => `${name} is still being filled`),
    ...differences,
  ];
}
