import type { Dialect } from "./column-type";
import { foldIdentifier, formatOrderedColumns } from "./identifier";
import type { LiveIndex, LiveSchema } from "./live-schema";
import type { IndexPlan, MigrationPlan, TablePlan } from "./migration-plan";
import { findLiveTable } from "./schema-difference";

export interface MissingIndex {
  readonly table: TablePlan;
  readonly index: IndexPlan;
}

/** What a database lacks of a plan's secondary indexes and where one of the same name differs. */
export interface IndexComparison {
  readonly missing: readonly MissingIndex[];
  /** Indexes that are there but that Spanner has not filled yet. */
  readonly building: readonly string[];
  /** One sentence each, with what to do. */
  readonly differences: readonly string[];
}

/** The state of an index that is whole (https://cloud.google.com/spanner/docs/information-schema#indexes). */
const READY = "READ_WRITE";

/** Compares the secondary indexes that a plan asks for with those of the database. Others there are none of its business. */
export function compareIndexes(plan: MigrationPlan, live: LiveSchema): IndexComparison {
  const missing: MissingIndex[] = [];
  const building: string[] = [];
  const differences: string[] = [];
  const owners = live.tables.flatMap((table) => table.indexes.map((index) => ({ table: table.name, index })));
  for (const table of plan.tables) {
    if (findLiveTable(live, table.name) === undefined) {
      if (table.indexes.length > 0) differences.push(`table ${table.name} does not exist; \`schema apply\` creates it`);
      continue;
    }
    for (const index of table.indexes) {
      const found = owners.find(({ index: { name } }) => foldIdentifier(name) === foldIdentifier(index.name));
      if (found === undefined) missing.push({ table, index });
      else {
        differences.push(...indexDifferences(table, index, found.table, found.index, live.dialect));
        if (found.index.state !== undefined && found.index.state !== READY) building.push(index.name);
      }
    }
  }
  return { missing, building, differences };
}

function indexDifferences(
  table: TablePlan,
  index: IndexPlan,
  owner: string,
  live: LiveIndex,
  dialect: Dialect,
): readonly string[] {
  const remedy = "drop it, or give the mapping's another name";
  if (foldIdentifier(owner) !== foldIdentifier(table.name)) {
    return [`index ${index.name} is there already, but of the table ${owner}: ${remedy}`];
  }
  const compared: readonly (readonly [what: string, actual: string, expected: string])[] = [
    ["columns", formatOrderedColumns(live.columns), formatOrderedColumns(index.columns)],
    ["stored columns", sortedNames(live.storing), sortedNames(index.storing)],
    ["uniqueness", String(live.isUnique), String(index.unique)],
    // In the PostgreSQL dialect the filter is a WHERE clause, and the catalogue says nothing of it here.
    ...(dialect === "postgresql"
      ? []
      : [["NULL filter", String(live.isNullFiltered), String(index.nullFiltered)] as const]),
    ["parent", live.parent ?? "none", index.interleaveIn ?? "none"],
  ];
  return compared
    .filter(([, actual, expected]) => foldIdentifier(actual) !== foldIdentifier(expected))
    .map(
      ([what, actual, expected]) =>
        `index ${index.name}: its ${what} in the database: ${actual}; in the mapping: ${expected}; ${remedy}`,
    );
}

function sortedNames(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map(foldIdentifier).toSorted().join(", ");
}
