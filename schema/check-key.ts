import { columnType, patternProblem } from "./check-column";
import { didYouMean } from "./closest-name";
import type { ColumnType } from "./column-type";
import { conditionList } from "./condition";
import { foldIdentifier, parseOrderedColumn } from "./identifier";
import { keyTellsAttribute } from "./item-identity";
import type { ColumnMapping, SourceMapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";
import { parsePath } from "./path";
import { MAX_KEY_COLUMNS } from "./spanner-limits";
import { VERSION_COLUMN_NAMES } from "./version-table";

/** The names of the source's key attributes: partition key, then sort key if it has one. */
export function keyAttributes(source: SourceMapping): readonly string[] {
  return source.sortKey === undefined ? [source.partitionKey] : [source.partitionKey, source.sortKey];
}

/** The attribute that fills a column if it is a whole top-level one, or undefined. */
function wholeAttribute(name: string, column: ColumnMapping): string | undefined {
  const path = parsePath(column.from ?? [name]);
  return !("problem" in path) && path.length === 1 && typeof path[0] === "string" ? path[0] : undefined;
}

/** What is wrong with a table's primary key. The table follows the grammar. */
export function checkKey(table: TableMapping, path: MappingPath, source: SourceMapping): readonly MappingProblem[] {
  const keyPath = [...path, "primaryKey"];
  const problems: MappingProblem[] = [];
  const seen = new Set<string>();
  const keyColumns: { readonly name: string; readonly column: ColumnMapping }[] = [];
  for (const [index, entry] of table.primaryKey.entries()) {
    const { name } = parseOrderedColumn(entry);
    const entryPath = [...keyPath, index];
    if (seen.has(foldIdentifier(name))) problems.push({ path: entryPath, message: `"${name}" is named twice` });
    seen.add(foldIdentifier(name));
    const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
    if (column === undefined) {
      const hint = didYouMean(name, Object.keys(table.columns)) || "; add it to columns";
      problems.push({ path: entryPath, message: `the table has no column "${name}"${hint}` });
    } else {
      keyColumns.push({ name, column });
      problems.push(...checkKeyColumn(name, column, [...path, "columns", name], source));
    }
  }
  if (table.primaryKey.length > MAX_KEY_COLUMNS) {
    problems.push({
      path: keyPath,
      message: `has ${table.primaryKey.length} columns; Spanner allows ${MAX_KEY_COLUMNS}`,
    });
  }
  // Without every key column it can't be told what the key tells.
  if (keyColumns.length < table.primaryKey.length) return problems;
  return [...problems, ...checkIdentity(table, keyColumns, keyPath, source)];
}

function checkKeyColumn(
  name: string,
  column: ColumnMapping,
  path: MappingPath,
  source: SourceMapping,
): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const attributes = keyAttributes(source);
  const attribute = wholeAttribute(name, column);
  if (attribute === undefined || !attributes.includes(attribute)) {
    const read = typeof column.from === "object" ? JSON.stringify(column.from) : `"${column.from ?? name}"`;
    const dotted = attributes.find((key) => key === column.from);
    const hint =
      dotted === undefined
        ? `; fill it from ${attributes.map((key) => `"${key}"`).join(" or ")} (from, match)`
        : `; write the name, which holds dots or brackets, as a list: "from": ${JSON.stringify([dotted])}`;
    problems.push({
      path: column.from === undefined ? path : [...path, "from"],
      message: `is in the primary key but filled from ${read}, which is no key attribute: it could change, and the item would leave its row behind${hint}`,
    });
  }
  const type = columnType(column);
  if (type !== undefined && !canBeKey(type)) {
    problems.push({ path: [...path, "type"], message: `${type.kind} can't be in a primary key; use STRING or INT64` });
  }
  if (column.lossy === true) {
    problems.push({
      path: [...path, "lossy"],
      message: "is not allowed in the primary key: two keys could be rounded to one, and one item overwrite the other",
    });
  }
  if (column.notNull === false) {
    problems.push({ path: [...path, "notNull"], message: "columns of the primary key are always NOT NULL; remove it" });
  }
  const versionColumn = VERSION_COLUMN_NAMES.find((other) => foldIdentifier(other) === foldIdentifier(name));
  if (versionColumn !== undefined) {
    problems.push({
      path,
      atName: true,
      message: `"${versionColumn}" is a column of the version table, which has the same key: give the column another name, and say "from": ${JSON.stringify(column.from ?? name)}`,
    });
  }
  return problems;
}

/** Source: https://cloud.google.com/spanner/docs/reference/standard-sql/data-types ("Valid key column types"). */
export function canBeKey(type: ColumnType): boolean {
  return type.kind !== "ARRAY" && type.kind !== "JSON";
}

function checkIdentity(
  table: TableMapping,
  keyColumns: readonly { readonly name: string; readonly column: ColumnMapping }[],
  path: MappingPath,
  source: SourceMapping,
): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const conditions = conditionList(table.when);
  if (!patternsAreValid(keyColumns, conditions)) return [];
  for (const attribute of keyAttributes(source)) {
    const filled = keyColumns.filter(({ name, column }) => wholeAttribute(name, column) === attribute);
    const known = keyTellsAttribute({
      conditions: conditions.filter((condition) => condition.attribute === attribute),
      keyColumns: filled.map(({ column }) => column),
    });
    if (known) continue;
    const reason = `items that differ in "${attribute}" could land on one row and overwrite each other`;
    const names = filled.map(({ name }) => `"${name}"`).join(", ");
    const remedy =
      filled.length === 0
        ? `put a column filled from "${attribute}" into the key, or fix "${attribute}" to one value with a condition "equals" in when`
        : `${names} must keep all of it that varies: anchor "match" at both ends with plain text outside its group, such as "^PREFIX#(.+)$" (several columns may share one pattern, each with another part in parentheses)`;
    problems.push({ path, message: `${reason}: ${remedy}` });
  }
  return problems;
}

function patternsAreValid(
  keyColumns: readonly { readonly column: ColumnMapping }[],
  conditions: readonly { readonly matches?: string | undefined }[],
): boolean {
  const patterns = [...keyColumns.map(({ column }) => column.match), ...conditions.map(({ matches }) => matches)];
  return patterns.every((pattern) => pattern === undefined || patternProblem(pattern) === undefined);
}
