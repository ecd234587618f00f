import type { Database } from "@google-cloud/spanner";
import { MigrationError } from "../errors/migration-error";
import type { Dialect } from "../schema/column-type";
import type { LiveColumn, LiveIndex, LiveKeyColumn, LiveSchema, LiveTable } from "../schema/live-schema";
import { withDeadline } from "./deadline";
import { retryTransient } from "./transient-retry";

type Row = Readonly<Record<string, string | boolean | number | null>>;

/** Far longer than Spanner takes for its own catalogue; a database that does not answer is an error within this time. */
const READ_TIMEOUT_MILLISECONDS = 30_000;

/**
 * Reads what tables, columns, keys and indexes a database has, in either dialect.
 *
 * Sources: https://cloud.google.com/spanner/docs/information-schema and …/information-schema-pg. Both spell the tables
 * and columns read here alike; what differs is the name of the default schema and how truth values are written.
 *
 * @throws MigrationError E_SPANNER_… as for any request to Spanner, within a minute
 */
export function readLiveSchema(database: Database): Promise<LiveSchema> {
  const subject = `schema of ${database.formattedName_}`;
  const late = (): Error => new MigrationError("E_SPANNER_UNREACHABLE", `${subject}: Spanner does not answer`);
  return retryTransient(() => withDeadline(readCatalogue(database), READ_TIMEOUT_MILLISECONDS, late), {
    subject,
    totalMilliseconds: READ_TIMEOUT_MILLISECONDS,
  });
}

async function readCatalogue(database: Database): Promise<LiveSchema> {
  const dialect = await readDialect(database);
  const schema = dialect === "postgresql" ? "public" : "";
  const select = (columns: string, table: string): Promise<readonly Row[]> =>
    readRows(database, `SELECT ${columns} FROM information_schema.${table} WHERE table_schema = '${schema}'`);
  const [tables, columns, options, indexes, indexColumns, constraints, constrained] = await Promise.all([
    select("table_name, table_type, parent_table_name, on_delete_action, row_deletion_policy_expression", "tables"),
    select(
      "table_name, column_name, ordinal_position, column_default, is_nullable, spanner_type, is_generated, is_identity",
      "columns",
    ),
    select("table_name, column_name, option_name, option_value", "column_options"),
    select(
      `table_name, index_name, index_type, parent_table_name, is_unique, is_null_filtered, index_state`,
      "indexes",
    ),
    select("table_name, index_name, column_name, ordinal_position, column_ordering", "index_columns"),
    select("table_name, constraint_name, constraint_type, enforced", "table_constraints"),
    select("table_name, constraint_name", "constraint_table_usage"),
  ]);
  const commitTimestamps = new Set(
    options
      .filter((row) => text(row, "option_name") === "allow_commit_timestamp" && isTrue(row["option_value"]))
      .map((row) => JSON.stringify([row["table_name"], row["column_name"]])),
  );
  const referencesOf = referencesBy(constraints, constrained);
  return {
    dialect,
    tables: tables.map((table): LiveTable => {
      const name = text(table, "table_name");
      const ofTable = (rows: readonly Row[]): readonly Row[] => rows.filter((row) => row["table_name"] === name);
      const ownIndexColumns = ofTable(indexColumns);
      return {
        name,
        isView: text(table, "table_type") !== "BASE TABLE",
        ...optional("parent", table["parent_table_name"]),
        ...onDelete(table["on_delete_action"]),
        ...optional("rowDeletionPolicy", table["row_deletion_policy_expression"]),
        columns: byPosition(ofTable(columns)).map((column) =>
          liveColumn(column, commitTimestamps.has(JSON.stringify([name, column["column_name"]]))),
        ),
        primaryKey: keyColumns(ownIndexColumns, "PRIMARY_KEY"),
        indexes: ofTable(indexes)
          .filter((index) => text(index, "index_type") !== "PRIMARY_KEY")
          .map((index) => liveIndex(index, ownIndexColumns)),
        ...referencesOf(name),
      };
    }),
  };
}

/**
 * @param constraints of all tables
 * @param constrained the tables that constraints are about: of a foreign key the one that it refers to
 */
function referencesBy(
  constraints: readonly Row[],
  constrained: readonly Row[],
): (table: string) => Pick<LiveTable, "references"> {
  const tableOf = new Map(constrained.map((row) => [text(row, "constraint_name"), text(row, "table_name")]));
  const foreignKeys = constraints.filter(
    (row) => text(row, "constraint_type") === "FOREIGN KEY" && isTrue(row["enforced"]),
  );
  return (table) => {
    const own = foreignKeys.filter((row) => row["table_name"] === table);
    const references = own.flatMap((row) => tableOf.get(text(row, "constraint_name")) ?? []);
    return references.length === 0 ? {} : { references: [...new Set(references)] };
  };
}

async function readDialect(database: Database): Promise<Dialect> {
  // `Database.getDatabaseDialect` answers UNSPECIFIED in the emulator.
  const [row] = await readRows(
    database,
    "SELECT option_value FROM information_schema.database_options WHERE option_name = 'database_dialect'",
  );
  return row?.["option_value"] === "POSTGRESQL" ? "postgresql" : "googlesql";
}

async function readRows(database: Database, sql: string): Promise<readonly Row[]> {
  const [rows] = await database.run({
    sql,
    json: true,
    jsonOptions: { wrapNumbers: false },
    gaxOptions: { timeout: READ_TIMEOUT_MILLISECONDS },
  });
  return rows as unknown as readonly Row[];
}

function liveColumn(row: Row, allowsCommitTimestamp: boolean): LiveColumn {
  const type = text(row, "spanner_type");
  return {
    name: text(row, "column_name"),
    type,
    notNull: row["is_nullable"] === "NO",
    hasDefault: row["column_default"] !== null || isTrue(row["is_identity"]),
    isGenerated: row["is_generated"] === "ALWAYS",
    allowsCommitTimestamp: allowsCommitTimestamp || type === "spanner.commit_timestamp",
  };
}

function liveIndex(row: Row, indexColumns: readonly Row[]): LiveIndex {
  const name = text(row, "index_name");
  return {
    name,
    columns: keyColumns(indexColumns, name),
    storing: indexColumns
      .filter((column) => column["index_name"] === name && column["ordinal_position"] === null)
      .map((column) => text(column, "column_name")),
    isUnique: isTrue(row["is_unique"]),
    isNullFiltered: isTrue(row["is_null_filtered"]),
    ...optional("parent", row["parent_table_name"]),
    ...optional("state", row["index_state"]),
  };
}

function keyColumns(indexColumns: readonly Row[], index: string): readonly LiveKeyColumn[] {
  return byPosition(indexColumns.filter((row) => row["index_name"] === index && row["ordinal_position"] !== null)).map(
    (row) => ({ name: text(row, "column_name"), descending: text(row, "column_ordering").startsWith("DESC") }),
  );
}

function byPosition(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((left, right) => Number(left["ordinal_position"]) - Number(right["ordinal_position"]));
}

function text(row: Row, column: string): string {
  return String(row[column] ?? "");
}

/** GoogleSQL answers with booleans, PostgreSQL with YES and NO, options with TRUE. */
function isTrue(value: string | boolean | number | null | undefined): boolean {
  return value === true || (typeof value === "string" && ["YES", "TRUE"].includes(value.toUpperCase()));
}

/** A property that is left out where Spanner says nothing. */
function optional<Name extends string>(
  name: Name,
  value: Row[string] | undefined,
): { readonly [Key in Name]?: string } {
  if (typeof value !== "string" || value === "") return {};
  return { [name]: value } as { [Key in Name]?: string };
}

function onDelete(value: Row[string] | undefined): { readonly onDelete?: "NO ACTION" | "CASCADE" } {
  return value === "NO ACTION" || value === "CASCADE" ? { onDelete: value } : {};
}
