import { MigrationError } from "../errors/migration-error";
import type { Dialect } from "./column-type";
import { googlesqlDdl } from "./ddl-googlesql";
import { postgresqlDdl } from "./ddl-postgresql";
import { dialectProblems } from "./dialect-problems";
import type { IndexPlan, MigrationPlan, TablePlan } from "./migration-plan";
import { type ProgressTable, progressTables } from "./progress-table";
import { DEFAULT_TOMBSTONE_DAYS } from "./version-table";

/** How one SQL dialect writes the statements that a migration needs; each statement without a semicolon. */
export interface DdlDialect {
  createTable(table: TablePlan): string;
  createVersionTable(table: TablePlan, tombstoneDays: number): string;
  /** Adds the column that a version table from before incremental exports lacks. */
  addWriteTimestamp(table: TablePlan): string;
  /** Changes how long an existing version table keeps tombstones. `had` tells whether it has a policy already. */
  setTombstoneDays(table: TablePlan, tombstoneDays: number, had: boolean): string;
  createIndex(table: TablePlan, index: IndexPlan): string;
  createProgressTable(table: ProgressTable): string;
}

export interface DdlStatements {
  /** Parents before their children. */
  readonly tables: readonly string[];
  readonly versionTables: readonly string[];
  /** For after the load: an index that exists makes every row written cost more. */
  readonly indexes: readonly string[];
}

export function ddlDialect(dialect: Dialect): DdlDialect {
  return dialect === "googlesql" ? googlesqlDdl : postgresqlDdl;
}

/** Parents before children; otherwise in the mapping's order. */
export function tablesInOrder(plan: MigrationPlan): readonly TablePlan[] {
  return plan.tables.toSorted((left, right) => left.level - right.level);
}

/**
 * The DDL of all that a migration needs, as statements without semicolons, in an order that Spanner accepts.
 *
 * @param tombstoneDays how long version tables keep the tombstones of deleted items, in days
 * @throws MigrationError E_MAPPING_INVALID if the plan needs what the dialect lacks
 */
export function ddlStatements(
  plan: MigrationPlan,
  dialect: Dialect,
  tombstoneDays: number = DEFAULT_TOMBSTONE_DAYS,
): DdlStatements {
  const problems = dialectProblems(plan, dialect);
  if (problems.length > 0) {
    throw new MigrationError("E_MAPPING_INVALID", `the mapping does not fit a ${dialect} database`, {
      details: problems,
    });
  }
  const ddl = ddlDialect(dialect);
  const tables = tablesInOrder(plan);
  return {
    tables: tables.map((table) => ddl.createTable(table)),
    versionTables: tables.map((table) => ddl.createVersionTable(table, tombstoneDays)),
    indexes: tables.flatMap((table) => table.indexes.map((index) => ddl.createIndex(table, index))),
  };
}

/** The DDL of the tables in which this program keeps its own state; the same for every mapping. */
export function progressStatements(dialect: Dialect): readonly string[] {
  return progressTables.map((table) => ddlDialect(dialect).createProgressTable(table));
}
