import { checkColumn } from "./check-column";
import { checkIndex } from "./check-index";
import { checkTable } from "./check-table";
import { checkTables } from "./check-tables";
import { checkCondition } from "./check-when";
import { identifierProblem } from "./identifier";
import {
  columnGrammar,
  conditionGrammar,
  indexGrammar,
  mappingGrammar,
  type SourceMapping,
  sourceGrammar,
  type TableMapping,
  tableGrammar,
} from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";

/**
 * What is wrong with a mapping beyond its grammar. Takes any value: where the grammar is broken, what does not depend on
 * the broken part is checked all the same, so that one run shows as much as can be said without guessing.
 */
export function checkMapping(value: unknown): readonly MappingProblem[] {
  const source = sourceGrammar.safeParse(ownValue(value, "source")).data;
  const tables = ownValue(value, "tables");
  const mapping = mappingGrammar.safeParse(value).data;
  return [
    ...(source === undefined ? [] : checkSource(source)),
    ...asList(tables).flatMap((table, index) => checkOneTable(table, ["tables", index], source)),
    ...(mapping === undefined ? [] : checkTables(mapping)),
  ];
}

function checkSource(source: SourceMapping): readonly MappingProblem[] {
  if (source.partitionKey !== source.sortKey) return [];
  return [{ path: ["source", "sortKey"], message: "is the partition key; leave it out if the table has no sort key" }];
}

function checkOneTable(
  value: unknown,
  path: MappingPath,
  source: SourceMapping | undefined,
): readonly MappingProblem[] {
  const indexes = asList(ownValue(value, "indexes"));
  const table = tableGrammar.safeParse(withoutIndexes(value)).data;
  return [
    ...checkColumns(ownValue(value, "columns"), [...path, "columns"], source),
    ...(source === undefined ? [] : checkConditions(ownValue(value, "when"), [...path, "when"], source)),
    ...(table === undefined || source === undefined ? [] : checkTable(table, path, source)),
    ...(table === undefined
      ? []
      : indexes.flatMap((index, at) => checkOneIndex(table, index, [...path, "indexes", at]))),
  ];
}

function checkColumns(value: unknown, path: MappingPath, source: SourceMapping | undefined): readonly MappingProblem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, columnValue]) => {
    const columnPath = [...path, name];
    const problem = identifierProblem(name);
    const message = `${problem}; give the column another name and say what fills it with "from"`;
    const column = columnGrammar.safeParse(columnValue).data;
    return [
      ...(problem === undefined ? [] : [{ path: columnPath, atName: true, message }]),
      ...(column === undefined ? [] : checkColumn(column, columnPath, source)),
    ];
  });
}

function checkConditions(value: unknown, path: MappingPath, source: SourceMapping): readonly MappingProblem[] {
  const conditions = Array.isArray(value) ? value : [value];
  return conditions.flatMap((each, index) => {
    const condition = conditionGrammar.safeParse(each).data;
    return condition === undefined
      ? []
      : checkCondition(condition, Array.isArray(value) ? [...path, index] : path, source);
  });
}

function checkOneIndex(table: TableMapping, value: unknown, path: MappingPath): readonly MappingProblem[] {
  const index = indexGrammar.safeParse(value).data;
  return index === undefined ? [] : checkIndex(table, index, path);
}

/** So that a broken index hides no mistake of its table. */
function withoutIndexes(table: unknown): unknown {
  if (typeof table !== "object" || table === null || Array.isArray(table)) return table;
  return Object.fromEntries(Object.entries(table).filter(([name]) => name !== "indexes"));
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function ownValue(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
