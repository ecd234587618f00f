import type { LiveSchema } from "./live-schema";
import type { MigrationPlan } from "./migration-plan";
import { findLiveTable } from "./schema-difference";

export interface TableOrder {
  /** The plan, its levels raised so that a table comes after those that its foreign keys refer to. */
  readonly plan: MigrationPlan;
  /** Tables with foreign keys that no order satisfies: to the table itself, or round in a circle. */
  readonly circular: readonly string[];
}

/**
 * Orders a plan's tables not only by their interleaving, but also by the foreign keys that the database holds between
 * them: the row that another refers to must be written first. Foreign keys are not in the mapping; tables may have any.
 */
export function orderTables(plan: MigrationPlan, live: LiveSchema): TableOrder {
  const liveTables = plan.tables.map(({ name }) => findLiveTable(live, name));
  const above = plan.tables.map(({ parent }) =>
    plan.tables.flatMap(({ name }, index) => (name === parent ? index : [])),
  );
  const references = liveTables.map((table) =>
    liveTables.flatMap((other, index) =>
      other !== undefined && table?.references?.includes(other.name) === true ? index : [],
    ),
  );

  const reaches = (from: number, to: number, seen = new Set<number>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(above[from] ?? []), ...(references[from] ?? [])].some((next) => reaches(next, to, seen));
  };
  // Without the references that close a circle none is left: a circle has at least one, as interleaving has none.
  const before = plan.tables.map((_, table) => [
    ...(above[table] ?? []),
    ...(references[table] ?? []).filter((other) => !reaches(other, table)),
  ]);
  const levelOf = (table: number): number => Math.max(-1, ...(before[table] ?? []).map(levelOf)) + 1;

  return {
    plan: { ...plan, tables: plan.tables.map((table, index) => ({ ...table, level: levelOf(index) })) },
    circular: plan.tables.flatMap(({ name }, table) =>
      (references[table] ?? []).some((other) => reaches(other, table)) ? name : [],
    ),
  };
}
