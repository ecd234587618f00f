import { type ColumnType, type Dialect, formatColumnType, formatPostgresqlType } from "./column-type";
import { foldIdentifier } from "./identifier";
import type { LiveColumn, LiveTable } from "./live-schema";
import type { TableColumn } from "./version-table";

/** What a table must be like: its columns, the first `keyLength` of them its primary key. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly keyLength: number;
  readonly keyDescending: readonly boolean[];
}

/**
 * Where a live table differs from the shape: one sentence each. Further columns are fine if they may be left out, and a
 * column may be nullable in the database though it never gets a NULL.
 */
export function tableDifferences(shape: TableShape, live: LiveTable, dialect: Dialect): readonly string[] {
  if (live.isView) return [`${shape.name} is a view in the database; rows can be written to tables only`];
  const differences: string[] = [];
  if (live.name !== shape.name) differences.push(`${shape.name} is spelt ${live.name} in the database; spell it alike`);
  const liveColumns = new Map(live.columns.map((column) => [foldIdentifier(column.name), column]));
  for (const [index, column] of shape.columns.entries()) {
    const liveColumn = liveColumns.get(foldIdentifier(column.name));
    if (liveColumn === undefined) differences.push(missingColumn(shape, column, index < shape.keyLength, dialect));
    else differences.push(...columnDifferences(shape, column, liveColumn, index < shape.keyLength, dialect));
  }
  differences.push(...keyDifferences(shape, live));
  const wanted = new Set(shape.columns.map(({ name }) => foldIdentifier(name)));
  for (const column of live.columns) {
    if (wanted.has(foldIdentifier(column.name)) || !column.notNull || column.hasDefault || column.isGenerated) continue;
    differences.push(
      `${shape.name}.${column.name} is NOT NULL without a default, but nothing fills it: map it, drop its NOT NULL or give it a default`,
    );
  }
  return differences;
}

function missingColumn(shape: TableShape, column: TableColumn, isKey: boolean, dialect: Dialect): string {
  const place = `${shape.name}.${column.name}`;
  if (isKey) return `${place} does not exist; it is in the primary key, so the table must be created anew`;
  const type = typeName(column, dialect);
  return `${place} does not exist; ALTER TABLE … ADD COLUMN … ${type}, then load again what was loaded without it`;
}

function columnDifferences(
  shape: TableShape,
  column: TableColumn,
  live: LiveColumn,
  isKey: boolean,
  dialect: Dialect,
): readonly string[] {
  const place = `${shape.name}.${column.name}`;
  const differences: string[] = [];
  if (live.name !== column.name) differences.push(`${place} is spelt ${live.name} in the database; spell it alike`);
  const expected = typeName(column, dialect);
  if (live.type.toLowerCase() !== expected.toLowerCase()) {
    differences.push(`${place} is ${live.type} in the database, the mapping says ${expected}`);
  } else if (column.commitTimestamp && !live.allowsCommitTimestamp) {
    differences.push(`${place} does not allow commit timestamps (OPTIONS (allow_commit_timestamp = true))`);
  }
  if (live.isGenerated) differences.push(`${place} is a generated column, which can't be written: leave it out`);
  if (live.notNull && !column.notNull && !isKey) {
    differences.push(
      `${place} is NOT NULL in the database, but items may lack it: say "notNull": true, or drop its NOT NULL`,
    );
  }
  return differences;
}

function typeName({ type, commitTimestamp }: { type: ColumnType; commitTimestamp: boolean }, dialect: Dialect): string {
  if (dialect === "googlesql") return formatColumnType(type);
  return commitTimestamp ? "spanner.commit_timestamp" : formatPostgresqlType(type);
}

function keyDifferences(shape: TableShape, live: LiveTable): readonly string[] {
  const text = ({ name, descending }: { name: string; descending: boolean }): string =>
    `${name}${descending ? " DESC" : ""}`;
  const expected = shape.columns
    .slice(0, shape.keyLength)
    .map(({ name }, index) => text({ name, descending: shape.keyDescending[index] === true }))
    .join(", ");
  const actual = live.primaryKey.map(text).join(", ");
  if (foldIdentifier(actual) === foldIdentifier(expected)) return [];
  return [`${shape.name} has the primary key (${actual}), the mapping says (${expected})`];
}
