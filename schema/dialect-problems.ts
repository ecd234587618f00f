import type { Dialect } from "./column-type";
import type { MigrationPlan, TablePlan } from "./migration-plan";
import { MAX_POSTGRESQL_IDENTIFIER_LENGTH } from "./spanner-limits";

/**
 * What a plan asks for that the dialect lacks, one sentence each. A mapping does not say for which dialect it is, so
 * this is known only when a database is.
 */
export function dialectProblems(plan: MigrationPlan, dialect: Dialect): readonly string[] {
  if (dialect === "googlesql") return [];
  return plan.tables.flatMap((table) => [...keyProblems(table), ...indexProblems(table), ...nameProblems(table)]);
}

function keyProblems(table: TablePlan): readonly string[] {
  return table.columns.slice(0, table.keyLength).flatMap((column, index) => {
    const place = `${table.name}.${column.name}`;
    const problems: string[] = [];
    if (column.type.kind === "NUMERIC") {
      problems.push(
        `${place}: NUMERIC can't be in a primary key of a PostgreSQL-dialect database; use STRING or INT64`,
      );
    }
    if (table.keyDescending[index] === true) {
      problems.push(`${place}: primary keys of a PostgreSQL-dialect database can't be DESC; remove it`);
    }
    return problems;
  });
}

function indexProblems(table: TablePlan): readonly string[] {
  return table.indexes.flatMap((index) =>
    index.columns
      .filter(({ name }) => table.columns.find((column) => column.name === name)?.type.kind === "NUMERIC")
      .map(({ name }) => `${index.name}: the NUMERIC column ${name} can't be indexed in a PostgreSQL-dialect database`),
  );
}

function nameProblems(table: TablePlan): readonly string[] {
  const names = [
    table.name,
    table.versionTable,
    ...table.columns.map((column) => `${column.name}`),
    ...table.indexes.map((index) => index.name),
  ];
  return names
    .filter((name) => name.length > MAX_POSTGRESQL_IDENTIFIER_LENGTH)
    .map((name) => `${name}: PostgreSQL cuts names off after ${MAX_POSTGRESQL_IDENTIFIER_LENGTH} characters`);
}
