import { protos, Spanner } from "@google-cloud/spanner";
import type { Dialect } from "../../schema/column-type";

const { POSTGRESQL, GOOGLE_STANDARD_SQL } = protos.google.spanner.admin.database.v1.DatabaseDialect;
const alreadyExists = 6;

export interface EmulatorDatabase {
  readonly project: string;
  readonly instance: string;
  readonly database: string;
}

/**
 * What the official Node client needs to work with the emulator: multiplexed sessions end in an uncaught error there,
 * built-in metrics and the metadata server want a Google Cloud login.
 */
export const emulatorClientEnvironment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  SPANNER_DISABLE_BUILTIN_METRICS: "true",
  METADATA_SERVER_DETECTION: "none",
} as const;

/**
 * Makes an instance and a database on the emulator that SPANNER_EMULATOR_HOST names; what exists already is kept.
 *
 * @param ddl statements in the database's dialect, run when the database is new.
 */
export async function createInstanceAndDatabase(
  { project, instance, database }: EmulatorDatabase,
  { ddl = [], dialect = "googlesql" }: { ddl?: readonly string[]; dialect?: Dialect } = {},
): Promise<void> {
  const spanner = new Spanner({ projectId: project });
  try {
    await createInstance(spanner, project, instance);
    await createDatabase(spanner, `projects/${project}/instances/${instance}`, database, ddl, dialect);
  } finally {
    spanner.close();
  }
}

async function createInstance(spanner: Spanner, project: string, instance: string): Promise<void> {
  await unlessItExists(async () => {
    const client = spanner.getInstanceAdminClient();
    const [operation] = await client.createInstance({
      parent: `projects/${project}`,
      instanceId: instance,
      instance: { config: `projects/${project}/instanceConfigs/emulator-config`, displayName: instance, nodeCount: 1 },
    });
    await operation.promise();
    await client.close();
  });
}

async function createDatabase(
  spanner: Spanner,
  parent: string,
  database: string,
  ddl: readonly string[],
  dialect: Dialect,
): Promise<void> {
  const client = spanner.getDatabaseAdminClient();
  await unlessItExists(async () => {
    const postgresql = dialect === "postgresql";
    const [creation] = await client.createDatabase({
      parent,
      createStatement: postgresql ? `CREATE DATABASE "${database}"` : `CREATE DATABASE \`${database}\``,
      // The PostgreSQL dialect takes no statements together with CREATE DATABASE.
      extraStatements: postgresql ? [] : [...ddl],
      databaseDialect: postgresql ? POSTGRESQL : GOOGLE_STANDARD_SQL,
    });
    await creation.promise();
    if (postgresql && ddl.length > 0) {
      const [update] = await client.updateDatabaseDdl({
        database: `${parent}/databases/${database}`,
        statements: [...ddl],
      });
      await update.promise();
    }
  });
  await client.close();
}

async function unlessItExists(create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if ((error as { code?: number }).code !== alreadyExists) throw error;
  }
}
