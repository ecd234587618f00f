import { checkColumn } from "./check-column";
import { checkTable } from "./check-table";
import { checkTables } from "./check-tables";
import { identifierProblem } from "./identifier";
import { columnGrammar, mappingGrammar, type SourceMapping, sourceGrammar, tableGrammar } from "./mapping-grammar";
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
    ...(Array.isArray(tables) ? tables.flatMap((table, index) => checkOneTable(table, ["tables", index], source)) : []),
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
  const columns = ownValue(value, "columns");
  const problems: MappingProblem[] = [];
  if (typeof columns === "object" && columns !== null && !Array.isArray(columns)) {
    for (const [name, columnValue] of Object.entries(columns)) {
      const columnPath = [...path, "columns", name];
      const nameProblem = identifierProblem(name);
      if (nameProblem !== undefined) {
        const message = `${nameProblem}; give the column another name and say what fills it with "from"`;
        problems.push({ path: columnPath, atName: true, message });
      }
      const column = columnGrammar.safeParse(columnValue).data;
      if (column !== undefined) problems.push(...checkColumn(column, columnPath, source));
    }
  }
  const table = tableGrammar.safeParse(value).data;
  if (table !== undefined && source !== undefined) problems.push(...checkTable(table, path, source));
  return problems;
}

function ownValue(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
