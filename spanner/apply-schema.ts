import type { Database } from "@google-cloud/spanner";
import { MigrationError } from "../errors/migration-error";
import { type DdlDialect, ddlDialect } from "../schema/ddl";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { compareProgressTables } from "../schema/progress-table";
import { compareSchema, findLiveTable } from "../schema/schema-difference";
import { tombstoneDaysOf } from "../schema/tombstone-policy";
import { DEFAULT_TOMBSTONE_DAYS } from "../schema/version-table";
import { withDeadline } from "./deadline";
import { readLiveSchema } from "./live-schema";
import { refuseDifferences } from "./require-schema";

/** Creating empty tables takes Spanner seconds, rarely minutes. */
const APPLY_TIMEOUT_MILLISECONDS = 10 * 60_000;

/**
 * Creates the tables and version tables that the database lacks, and those for the progress of loads, in one schema
 * change; a database that has them already stays as it is, but for the column of version tables that older ones lack.
 * Secondary indexes are not made here but after the load.
 *
 * @param options.tombstoneDays how long version tables keep tombstones, in days; by default 30 for new ones, while
 *   existing ones keep what they have
 * @returns the statements that were run, none if nothing was missing
 * @throws MigrationError E_SCHEMA_DIFFERS if something exists but differs (nothing is created then), E_USAGE for a
 *   tombstoneDays below 1, E_SCHEMA_APPLY_FAILED if Spanner refuses
 */
export async function applySchema(
  database: Database,
  plan: MigrationPlan,
  options: { readonly tombstoneDays?: number } = {},
): Promise<readonly string[]> {
  const { tombstoneDays } = options;
  if (tombstoneDays !== undefined && !(Number.isSafeInteger(tombstoneDays) && tombstoneDays >= 1)) {
    throw new MigrationError("E_USAGE", `--tombstone-days ${tombstoneDays}: must be a whole number of at least 1`);
  }
  const live = await readLiveSchema(database);
  const statements = missingStatements(plan, live, tombstoneDays);
  if (statements.length > 0) await runStatements(database, statements);
  return statements;
}

function missingStatements(
  plan: MigrationPlan,
  live: LiveSchema,
  tombstoneDays: number | undefined,
): readonly string[] {
  const { missingTables, missingVersionTables, missingWriteTimestamps, differences } = compareSchema(plan, live);
  const progress = compareProgressTables(live);
  refuseDifferences([...differences, ...progress.differences]);
  const ddl = ddlDialect(live.dialect);
  return [
    ...missingTables.map((table) => ddl.createTable(table)),
    ...missingVersionTables.map((table) => ddl.createVersionTable(table, tombstoneDays ?? DEFAULT_TOMBSTONE_DAYS)),
    ...missingWriteTimestamps.map((table) => ddl.addWriteTimestamp(table)),
    ...policyStatements(plan, live, ddl, tombstoneDays),
    ...progress.missing.map((table) => ddl.createProgressTable(table)),
  ];
}

/** Gives existing version tables the policy that they lack, or another number of days if the user asks for one. */
function policyStatements(
  plan: MigrationPlan,
  live: LiveSchema,
  ddl: DdlDialect,
  tombstoneDays: number | undefined,
): readonly string[] {
  return plan.tables.flatMap((table) => {
    const versions = findLiveTable(live, table.versionTable);
    if (versions === undefined) return [];
    const policy = versions.rowDeletionPolicy;
    if (policy === undefined) return [ddl.setTombstoneDays(table, tombstoneDays ?? DEFAULT_TOMBSTONE_DAYS, false)];
    if (tombstoneDays === undefined || tombstoneDaysOf(policy) === tombstoneDays) return [];
    return [ddl.setTombstoneDays(table, tombstoneDays, true)];
  });
}

async function runStatements(database: Database, statements: readonly string[]): Promise<void> {
  try {
    const applied = database
      .updateSchema([...statements])
      .then(([operation]) => operation.promise())
      .then(() => undefined);
    await withDeadline(applied, APPLY_TIMEOUT_MILLISECONDS, () => new Error("no answer within ten minutes"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError("E_SCHEMA_APPLY_FAILED", `the schema could not be changed: ${reason}`, {
      details: statements,
      cause: error,
    });
  }
}
