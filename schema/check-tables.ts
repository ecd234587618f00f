import { columnType } from "./check-column";
import { didYouMean } from "./closest-name";
import { formatColumnType } from "./column-type";
import { conditionImplies, conditionList } from "./condition";
import { foldIdentifier, parseOrderedColumn } from "./identifier";
import type { Mapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";
import { progressTables } from "./progress-table";
import { MAX_INDEXES_PER_TABLE, MAX_INTERLEAVED_TABLES, MAX_TABLES_PER_DATABASE } from "./spanner-limits";
import { defaultVersionTable } from "./version-table";

/** What is wrong between the tables of a mapping that follows the grammar: names, reachability, interleaving. */
export function checkTables(mapping: Mapping): readonly MappingProblem[] {
  return [
    ...checkNames(mapping),
    ...mapping.tables.flatMap((table, index) => [
      ...checkReachable(mapping, index),
      ...checkInterleaving(mapping, table, ["tables", index]),
      ...checkKeyOnlyParent(mapping, table, ["tables", index]),
      ...checkInterleavedIndexes(mapping, table, ["tables", index]),
      ...checkIndexCount(table, ["tables", index]),
    ]),
  ];
}

/** Tables, version tables and indexes share one name space in Spanner. */
function checkNames(mapping: Mapping): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const taken = new Map<string, string>();
  const take = (name: string, owner: string, path: MappingPath): void => {
    const other = taken.get(foldIdentifier(name));
    if (other === undefined) taken.set(foldIdentifier(name), owner);
    else problems.push({ path, message: `${owner} has the same name as ${other} (case does not count); rename one` });
  };
  for (const { name } of progressTables) taken.set(foldIdentifier(name), "a table of this program's own");
  for (const [index, { name }] of mapping.tables.entries()) take(name, `table ${name}`, ["tables", index, "name"]);
  for (const [index, table] of mapping.tables.entries()) {
    const name = table.versionTable ?? defaultVersionTable(table.name);
    const path = ["tables", index, table.versionTable === undefined ? "name" : "versionTable"];
    take(name, `the version table ${name} of ${table.name}`, path);
    for (const [position, { name: indexName }] of (table.indexes ?? []).entries()) {
      take(indexName, `index ${indexName}`, ["tables", index, "indexes", position, "name"]);
    }
  }
  if (mapping.tables.length * 2 > MAX_TABLES_PER_DATABASE) {
    const message = `${mapping.tables.length} tables and as many version tables; Spanner allows ${MAX_TABLES_PER_DATABASE}`;
    problems.push({ path: ["tables"], message });
  }
  return problems;
}

function checkReachable(mapping: Mapping, index: number): readonly MappingProblem[] {
  const conditions = conditionList(mapping.tables[index]?.when);
  const earlier = mapping.tables
    .slice(0, index)
    .find(({ when }) =>
      conditionList(when).every((asked) =>
        conditions.some((given) => given.attribute === asked.attribute && conditionImplies(given, asked)),
      ),
    );
  if (earlier === undefined) return [];
  const path = ["tables", index, ...(conditions.length === 0 ? [] : ["when"])];
  return [
    {
      path,
      message: `no item ever gets here: table "${earlier.name}", which stands before it, takes them all; narrow its when, or move it behind`,
    },
  ];
}

function findTable(mapping: Mapping, name: string): TableMapping | undefined {
  return mapping.tables.find((table) => table.name === name);
}

function checkInterleaving(mapping: Mapping, table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  if (table.interleaveIn === undefined) return [];
  const parentPath = [...path, "interleaveIn"];
  const parent = findTable(mapping, table.interleaveIn);
  if (parent === undefined) {
    const names = mapping.tables.map(({ name }) => name);
    const hint = didYouMean(table.interleaveIn, names) || `; the tables are ${names.join(", ")}`;
    return [{ path: parentPath, message: `there is no table "${table.interleaveIn}"${hint}` }];
  }
  const ancestors = ancestorsOf(mapping, table);
  if (ancestors === undefined) {
    return [{ path: parentPath, message: `"${table.name}" is its own ancestor; interleaving can't go in a circle` }];
  }
  const problems: MappingProblem[] = [];
  if (ancestors.length + 1 > MAX_INTERLEAVED_TABLES) {
    const message = `is the ${ancestors.length + 1}th table in its chain of parents; Spanner allows ${MAX_INTERLEAVED_TABLES}`;
    problems.push({ path: parentPath, message });
  }
  for (const [index, entry] of parent.primaryKey.entries()) {
    const problem = prefixProblem(parent, entry, table, table.primaryKey[index]);
    if (problem === undefined) continue;
    const at = index < table.primaryKey.length ? [...path, "primaryKey", index] : [...path, "primaryKey"];
    problems.push({ path: at, message: problem });
  }
  return problems;
}

/** Parent, grandparent, …; undefined if they go in a circle. Ends at a table that does not exist. */
function ancestorsOf(mapping: Mapping, table: TableMapping): readonly TableMapping[] | undefined {
  const ancestors: TableMapping[] = [];
  let current: TableMapping | undefined = table;
  while (current?.interleaveIn !== undefined) {
    current = findTable(mapping, current.interleaveIn);
    if (current === undefined) break;
    if (current === table || ancestors.includes(current)) return undefined;
    ancestors.push(current);
  }
  return ancestors;
}

function prefixProblem(
  parent: TableMapping,
  parentEntry: string,
  table: TableMapping,
  entry: string | undefined,
): string | undefined {
  const expected = parseOrderedColumn(parentEntry);
  const text = `${expected.name}${expected.descending ? " DESC" : ""}`;
  if (entry === undefined) return `must begin with the key of the parent "${parent.name}": "${text}" is missing`;
  const actual = parseOrderedColumn(entry);
  if (actual.name !== expected.name || actual.descending !== expected.descending) {
    return `must be "${text}" as in the parent "${parent.name}", whose key comes first`;
  }
  const parentType = typeText(parent, expected.name);
  const type = typeText(table, actual.name);
  if (parentType === undefined || type === undefined || parentType === type) return undefined;
  return `"${actual.name}" is ${type} here but ${parentType} in the parent "${parent.name}"; both must be the same`;
}

function typeText(table: TableMapping, name: string): string | undefined {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  const type = column === undefined ? undefined : columnType(column);
  return type === undefined ? undefined : formatColumnType(type);
}

/**
 * A parent whose children remain is kept with nothing but its key, and one made for a child has nothing else: NOT NULL
 * columns would forbid both.
 */
function checkKeyOnlyParent(mapping: Mapping, table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  const child = mapping.tables.find(
    (other) => other.interleaveIn === table.name && (other.onDelete !== "CASCADE" || other.createParent === true),
  );
  if (child === undefined) return [];
  const key = table.primaryKey.map((entry) => parseOrderedColumn(entry).name);
  return Object.entries(table.columns)
    .filter(([name, column]) => column.notNull === true && !key.includes(name))
    .map(([name]) => ({
      path: [...path, "columns", name, "notNull"],
      message: `rows of "${table.name}" may be kept with nothing but the key for the sake of "${child.name}", its child: remove notNull${child.createParent === true ? "" : `, or set "onDelete": "CASCADE" on "${child.name}"`}`,
    }));
}

function checkInterleavedIndexes(mapping: Mapping, table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  const hosts = [table, ...(ancestorsOf(mapping, table) ?? [])];
  return (table.indexes ?? []).flatMap((index, position) => {
    if (index.interleaveIn === undefined) return [];
    const indexPath = [...path, "indexes", position];
    const host = hosts.find(({ name }) => name === index.interleaveIn);
    if (host === undefined) {
      const message = `must be "${table.name}" or one of its parents, not "${index.interleaveIn}"`;
      return [{ path: [...indexPath, "interleaveIn"], message }];
    }
    const expected = host.primaryKey.map(parseOrderedColumn);
    const actual = index.columns.map(parseOrderedColumn);
    const begins = expected.every(
      ({ name, descending }, at) => actual[at]?.name === name && actual[at]?.descending === descending,
    );
    if (begins) return [];
    const message = `must begin with the primary key of "${host.name}", which the index is interleaved in: ${host.primaryKey.join(", ")}`;
    return [{ path: [...indexPath, "columns"], message }];
  });
}

function checkIndexCount({ indexes = [] }: TableMapping, path: MappingPath): readonly MappingProblem[] {
  if (indexes.length <= MAX_INDEXES_PER_TABLE) return [];
  const message = `${indexes.length} indexes; Spanner allows ${MAX_INDEXES_PER_TABLE} a table`;
  return [{ path: [...path, "indexes"], message }];
}
