import type { Database } from "@google-cloud/spanner";
import { MigrationError } from "../errors/migration-error";
import { ddlDialect } from "../schema/ddl";
import { compareIndexes } from "../schema/index-difference";
import type { MigrationPlan } from "../schema/migration-plan";
import { readLiveSchema } from "./live-schema";
import { refuseDifferences } from "./require-schema";

export interface IndexRun {
  /** Statements that were run, none if nothing was missing. */
  readonly created: readonly string[];
  /** Names of indexes that are there, but that Spanner is still filling. */
  readonly building: readonly string[];
}

export interface IndexOptions {
  /** Told the statements before they run. */
  readonly onStart?: (statements: readonly string[]) => void;
  /** Told how far each statement is, in per cent, in their order. */
  readonly onProgress?: (percents: readonly number[]) => void;
}

/**
 * Creates the secondary indexes that the database lacks, in one schema change, and waits until Spanner has filled them:
 * for a large table, hours. What is there already stays, so it may be run again.
 *
 * @throws MigrationError E_SCHEMA_DIFFERS if a table is missing or an index of that name is another one (nothing is
 *   created then), E_SCHEMA_APPLY_FAILED if Spanner refuses: rows that break a unique index, for one
 */
export async function applyIndexes(
  database: Database,
  plan: MigrationPlan,
  { onStart, onProgress }: IndexOptions = {},
): Promise<IndexRun> {
  const live = await readLiveSchema(database);
  const { missing, building, differences } = compareIndexes(plan, live);
  refuseDifferences(differences);
  const ddl = ddlDialect(live.dialect);
  const created = missing.map(({ table, index }) => ddl.createIndex(table, index));
  if (created.length > 0) {
    onStart?.(created);
    await runStatements(database, created, onProgress);
  }
  return { created, building };
}

/** What the operation tells of itself (google.spanner.admin.database.v1.UpdateDatabaseDdlMetadata). */
interface DdlMetadata {
  readonly progress?: readonly { readonly progressPercent?: number | null }[] | null;
}

async function runStatements(
  database: Database,
  statements: readonly string[],
  onProgress: IndexOptions["onProgress"],
): Promise<void> {
  try {
    const [operation] = await database.updateSchema([...statements]);
    operation.on("progress", (metadata: DdlMetadata) => {
      onProgress?.((metadata.progress ?? []).map(({ progressPercent }) => progressPercent ?? 0));
    });
    await operation.promise();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError("E_SCHEMA_APPLY_FAILED", `the indexes could not be created: ${reason}`, {
      details: statements,
      cause: error,
    });
  }
}
