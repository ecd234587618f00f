import { subscriptionName } from "../pubsub/subscription-name";
import { compareIndexes } from "../schema/index-difference";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { RUNS_TABLE } from "../schema/progress-table";
import { findLiveTable } from "../schema/schema-difference";
import type { SpannerConnection } from "../spanner/connection";
import { requireSchema } from "../spanner/require-schema";
import { takeSnapshot } from "../spanner/row-reader";
import { type RecordedRuns, readRuns } from "../spanner/run-store";
import { countDeadLetters } from "./dead-letter-count";
import { judge } from "./gate";
import type { GateFacts } from "./gate-facts";
import { readMappingFile } from "./mapping-file";
import { mappingHash } from "./mapping-hash";
import type { StatusArguments } from "./status-command";
import { statusReport } from "./status-report";
import { renderStatus } from "./status-table";
import { checkSubscriptionSettings, noteSight, type StatusWarning, subscriptionSights } from "./subscription-sight";
import { withSpanner } from "./with-spanner";

/** As for a count that does not add up or a verification that does not hold. */
const NO_GO_EXIT_CODE = 4;

/**
 * Says where a migration stands, and whether it may be cut over.
 * @returns the exit code: 0 only with GO
 */
export async function runStatus(argv: StatusArguments): Promise<number> {
  const plan = readMappingFile(argv.mapping);
  const subscription = argv.subscription === undefined ? undefined : subscriptionName(argv.project, argv.subscription);
  return withSpanner(argv, async (connection) => {
    const schema = await requireSchema(connection.database(), plan);
    const recorded = findLiveTable(schema, RUNS_TABLE) !== undefined;
    const { warnings, runs, at } = await lookAround(connection, plan, recorded, argv.project, subscription);
    const facts: GateFacts = {
      at,
      sourceTable: plan.source.table,
      mappingHash: mappingHash(plan),
      recorded,
      runs,
      folders: await countDeadLetters(runs, argv.deadLetters),
      indexProblems: indexProblems(plan, schema),
      subscriptions: subscriptionSights(runs, subscription),
      drainedForSeconds: argv.drainedFor,
      verifiedWithinSeconds: argv.verifiedWithin,
    };
    const report = statusReport(facts, judge(facts), warnings);
    process.stdout.write(argv.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderStatus(report));
    return report.verdict === "GO" ? 0 : NO_GO_EXIT_CODE;
  });
}

/** What is recorded, with a note of the subscription if that is new. */
async function lookAround(
  connection: SpannerConnection,
  plan: MigrationPlan,
  recorded: boolean,
  project: string,
  subscription: string | undefined,
): Promise<RecordedRuns & { readonly warnings: readonly StatusWarning[] }> {
  const sight =
    subscription === undefined
      ? { there: false, warnings: [] }
      : await checkSubscriptionSettings(project, subscription);
  const { warnings } = sight;
  if (!recorded) return { at: (await takeSnapshot(connection)).at, runs: [], warnings };
  const sourceTable = plan.source.table;
  const known = await readRuns(connection, sourceTable);
  if (subscription === undefined || !sight.there) return { ...known, warnings };
  const identity = { name: subscription, sourceTable, mappingHash: mappingHash(plan) };
  const noted = await noteSight(connection, known.runs, identity);
  return { ...(noted ? await readRuns(connection, sourceTable) : known), warnings };
}

function indexProblems(plan: MigrationPlan, schema: LiveSchema): readonly string[] {
  const { missing, building, differences } = compareIndexes(plan, schema);
  return [
    ...missing.map(({ index }) => `${index.name} is missing`),
    ...building.map((name) => `${name} is still being filled`),
    ...differences,
  ];
}
