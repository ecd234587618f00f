import type { Database } from "@google-cloud/spanner";
import { MigrationError } from "../errors/migration-error";
import type { LiveSchema } from "../schema/live-schema";
import type { MigrationPlan } from "../schema/migration-plan";
import { schemaDifferences } from "../schema/schema-difference";
import { readLiveSchema } from "./live-schema";

/**
 * Stops a command before it reads a byte if the database can't take the plan's rows.
 *
 * @param options.versions false where nothing reads or writes versions (`bulk --exclusive`): they may then be missing
 * @param options.progress true where a load records its progress: the tables for it must be there
 * @returns the live schema, so that it need not be read again
 * @throws MigrationError E_SCHEMA_DIFFERS with all differences as details; E_SPANNER_… if it can't be read
 */
export async function requireSchema(
  database: Database,
  plan: MigrationPlan,
  options: { readonly versions?: boolean; readonly progress?: boolean } = {},
): Promise<LiveSchema> {
  const live = await readLiveSchema(database);
  refuseDifferences(schemaDifferences(plan, live, options));
  return live;
}

/** @throws MigrationError E_SCHEMA_DIFFERS unless there are none */
export function refuseDifferences(differences: readonly string[]): void {
  if (differences.length === 0) return;
  const count = differences.length === 1 ? "one difference" : `${differences.length} differences`;
  throw new MigrationError("E_SCHEMA_DIFFERS", `the database does not fit the mapping: ${count}`, {
    details: differences,
  });
}
