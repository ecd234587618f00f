import { ddlStatements, progressStatements } from "../schema/ddl";
import { applySchema } from "../spanner/apply-schema";
import { log } from "./log";
import { readMappingFile } from "./mapping-file";
import type { SchemaApplyArguments, SchemaPrintArguments } from "./schema-command";
import { withSpanner } from "./with-spanner";

/** Prints the DDL of everything that the mapping needs. */
export function printSchema({ mapping, dialect, tombstoneDays }: SchemaPrintArguments): number {
  const { tables, versionTables, indexes } = ddlStatements(readMappingFile(mapping), dialect, tombstoneDays);
  const section = (title: string, statements: readonly string[]) =>
    statements.length === 0 ? "" : `-- ${title}\n${statements.map((each) => `${each};\n`).join("\n")}\n`;
  process.stdout.write(
    section("Tables", tables) +
      section("Version tables: the newest change that was applied to each item", versionTables) +
      section("What this program remembers: how far loads are, and every run", progressStatements(dialect)) +
      section("Secondary indexes, for after the load", indexes),
  );
  return 0;
}

/** Creates what the database lacks. */
export async function applySchemaTo(argv: SchemaApplyArguments): Promise<number> {
  const plan = readMappingFile(argv.mapping);
  return withSpanner(argv, async (connection) => {
    const { tombstoneDays } = argv;
    const statements = await applySchema(
      connection.database(),
      plan,
      tombstoneDays === undefined ? {} : { tombstoneDays },
    );
    if (statements.length === 0) log.success("The database has all the tables already.");
    for (const statement of statements) process.stdout.write(`${statement};\n\n`);
    if (statements.length > 0) log.success(`${statements.length} statements were run in ${connection.databaseName}.`);
    return 0;
  });
}
