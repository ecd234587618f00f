import { closestName } from "./closest-name";
import type { Dialect } from "./column-type";
import { tablesInOrder } from "./ddl";
import { dialectProblems } from "./dialect-problems";
import { foldIdentifier } from "./identifier";
import type { LiveSchema, LiveTable } from "./live-schema";
import type { MigrationPlan, TablePlan } from "./migration-plan";
import { compareProgressTables, loadTables } from "./progress-table";
import { type TableShape, tableDifferences } from "./table-difference";
import { TOMBSTONE_AT_COLUMN, WRITE_TIMESTAMP_COLUMN } from "./version-columns";
import { versionTableColumns, writeTimestampColumn } from "./version-table";

/** What a database lacks and where it differs from a plan. */
export interface SchemaComparison {
  /** Parents before children. */
  readonly missingTables: readonly TablePlan[];
  /** Tables whose version table is missing. */
  readonly missingVersionTables: readonly TablePlan[];
  /** Tables whose version table was made before it had a column for incremental exports. */
  readonly missingWriteTimestamps: readonly TablePlan[];
  /** What exists but can't be used as it is; one sentence each, with what to do. */
  readonly differences: readonly string[];
}

/** Compares all that a plan's rows and versions need. What a table has beyond that is no difference unless it hinders. */
export function compareSchema(plan: MigrationPlan, live: LiveSchema): SchemaComparison {
  const missingTables: TablePlan[] = [];
  const missingVersionTables: TablePlan[] = [];
  const missingWriteTimestamps: TablePlan[] = [];
  const differences: string[] = [...dialectProblems(plan, live.dialect)];
  for (const table of tablesInOrder(plan)) {
    const target = findLiveTable(live, table.name);
    if (target === undefined) missingTables.push(table);
    else {
      differences.push(...tableDifferences(targetShape(table), target, live.dialect));
      differences.push(...parentDifferences(table, target));
      differences.push(...strangerDifferences(plan, table, live));
    }
    const versions = findLiveTable(live, table.versionTable);
    if (versions === undefined) missingVersionTables.push(table);
    else {
      differences.push(...versionTableDifferences(table, versions, live.dialect));
      if (!hasWriteTimestamp(versions)) missingWriteTimestamps.push(table);
    }
  }
  return { missingTables, missingVersionTables, missingWriteTimestamps, differences };
}

/**
 * Everything that keeps a database from taking a plan's rows, one sentence each; empty if all is as it must be.
 *
 * @param options.versions false where nothing reads or writes versions (`bulk --exclusive`): they may then be missing
 * @param options.progress true where a load records its progress
 */
export function schemaDifferences(
  plan: MigrationPlan,
  live: LiveSchema,
  options: { readonly versions?: boolean; readonly progress?: boolean } = {},
): readonly string[] {
  const { missingTables, missingVersionTables, missingWriteTimestamps, differences } = compareSchema(plan, live);
  const names = live.tables.map(({ name }) => name);
  const missing = (what: string, name: string): string => {
    const near = closestName(name, names);
    const hint = near === undefined ? "" : `; did you mean "${near}", which exists?`;
    return `${what} ${name} does not exist${hint}; \`schema apply\` creates it`;
  };
  const progress =
    options.progress === true ? compareProgressTables(live, loadTables) : { missing: [], differences: [] };
  return [
    ...missingTables.map(({ name }) => missing("table", name)),
    ...(options.versions === false
      ? []
      : [
          ...missingVersionTables.map((table) => missing("version table", table.versionTable)),
          ...missingWriteTimestamps.map(
            ({ versionTable }) =>
              `version table ${versionTable} lacks the column ${WRITE_TIMESTAMP_COLUMN}; \`schema apply\` adds it`,
          ),
        ]),
    ...progress.missing.map(({ name }) => missing("table", name)),
    ...differences,
    ...progress.differences,
  ];
}

/** The live table of this name; Spanner's names are equal regardless of case. */
export function findLiveTable(live: LiveSchema, name: string): LiveTable | undefined {
  return live.tables.find((table) => foldIdentifier(table.name) === foldIdentifier(name));
}

function targetShape(table: TablePlan): TableShape {
  return {
    name: table.name,
    columns: table.columns.map(({ name, type, notNull }) => ({ name, type, notNull, commitTimestamp: false })),
    keyLength: table.keyLength,
    keyDescending: table.keyDescending,
  };
}

function parentDifferences(table: TablePlan, live: LiveTable): readonly string[] {
  if (live.parent !== table.parent) {
    const actual = live.parent === undefined ? "no parent" : `the parent ${live.parent}`;
    const expected = table.parent === undefined ? "none" : table.parent;
    return [`${table.name} has ${actual}, the mapping says ${expected}: interleaving is set when a table is created`];
  }
  if (table.parent === undefined || live.onDelete === table.onDelete) return [];
  const actual = live.onDelete ?? "no rule";
  return [
    `${table.name} is ON DELETE ${actual}, the mapping says ${table.onDelete}: change "onDelete", or ALTER TABLE … SET ON DELETE ${table.onDelete}`,
  ];
}

/** Tables that the mapping does not know, but whose rows would go when the stream deletes a row of this one. */
function strangerDifferences(plan: MigrationPlan, table: TablePlan, live: LiveSchema): readonly string[] {
  const known = new Set(plan.tables.map(({ name }) => foldIdentifier(name)));
  return live.tables
    .filter(
      ({ name, parent, onDelete }) =>
        parent === table.name && onDelete === "CASCADE" && !known.has(foldIdentifier(name)),
    )
    .map(
      ({ name }) =>
        `${name}, which the mapping does not name, is interleaved in ${table.name} with ON DELETE CASCADE: a deleted item would take rows of it along; ALTER TABLE … SET ON DELETE NO ACTION`,
    );
}

function hasWriteTimestamp({ columns }: LiveTable): boolean {
  return columns.some(({ name }) => foldIdentifier(name) === foldIdentifier(WRITE_TIMESTAMP_COLUMN));
}

function versionTableDifferences(table: TablePlan, live: LiveTable, dialect: Dialect): readonly string[] {
  const shape: TableShape = {
    name: table.versionTable,
    columns: versionTableColumns(table).filter((column) => column !== writeTimestampColumn || hasWriteTimestamp(live)),
    keyLength: table.keyLength,
    keyDescending: table.keyDescending,
  };
  const differences = [...tableDifferences(shape, live, dialect)];
  if (live.parent !== undefined) {
    differences.push(`${live.name} is interleaved in ${live.parent}: a version must outlive its row`);
  }
  const policy = live.rowDeletionPolicy;
  if (policy !== undefined && !foldIdentifier(policy).includes(foldIdentifier(TOMBSTONE_AT_COLUMN))) {
    differences.push(
      `${live.name} deletes rows by another column than ${TOMBSTONE_AT_COLUMN} (${policy}): versions of living rows would be lost`,
    );
  }
  return differences;
}
