import { readFile } from "node:fs/promises";
import { Spanner } from "@google-cloud/spanner";
import type { Dialect } from "../../schema/column-type";
import { ddlStatements, progressStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { createTestDatabase } from "../support/spanner";

/** A new database with all tables that `schema apply` makes for a mapping file. */
export async function createMappedDatabase(mapping: string, dialect: Dialect = "googlesql"): Promise<EmulatorDatabase> {
  const plan = planMigration(parseMapping(await readFile(mapping, "utf8"), mapping));
  const { tables, versionTables } = ddlStatements(plan, dialect);
  return createTestDatabase([...tables, ...versionTables, ...progressStatements(dialect)], { dialect });
}

/** The rows of a query; INT64 as text, as it comes. */
export async function queryRows(target: EmulatorDatabase, sql: string): Promise<readonly unknown[][]> {
  return withDatabase(target, async (database) => {
    const [rows] = await database.run({ sql });
    return (rows as { value: unknown }[][]).map((row) => row.map(({ value }) => plain(value)));
  });
}

/** Runs statements that change rows, in one transaction. */
export async function changeRows(target: EmulatorDatabase, ...statements: readonly string[]): Promise<void> {
  await withDatabase(target, (database) =>
    database.runTransactionAsync(async (transaction) => {
      for (const sql of statements) await transaction.runUpdate(sql);
      await transaction.commit();
    }),
  );
}

/** Runs statements of DDL. */
export async function changeSchema(target: EmulatorDatabase, statements: readonly string[]): Promise<void> {
  await withDatabase(target, async (database) => {
    const [operation] = await database.updateSchema([...statements]);
    await operation.promise();
  });
}

export async function countRows(target: EmulatorDatabase, table: string): Promise<number> {
  return Number((await queryRows(target, `SELECT COUNT(*) FROM ${table}`))[0]?.[0]);
}

async function withDatabase<Result>(
  { project, instance, database }: EmulatorDatabase,
  use: (database: ReturnType<ReturnType<Spanner["instance"]>["database"]>) => Promise<Result>,
): Promise<Result> {
  const spanner = new Spanner({ projectId: project });
  const handle = spanner.instance(instance).database(database, { min: 0 });
  try {
    return await use(handle);
  } finally {
    await handle.close();
    spanner.close();
  }
}

/** Numbers come as objects that keep their text, dates as objects that print as text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return value;
  if ("value" in value) return value.value;
  return value instanceof Date ? ((value as { toISOString(): string }).toISOString() as unknown) : value;
}
