import { columnType } from "./check-column";
import { canBeKey } from "./check-key";
import { didYouMean } from "./closest-name";
import { foldIdentifier, identifierProblem, parseOrderedColumn } from "./identifier";
import type { IndexMapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";
import { MAX_INDEX_KEY_COLUMNS } from "./spanner-limits";

/** What is wrong with an index of a table, but for `interleaveIn`, which concerns other tables too. */
export function checkIndex(table: TableMapping, index: IndexMapping, path: MappingPath): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const nameProblem = identifierProblem(index.name);
  if (nameProblem !== undefined) problems.push({ path: [...path, "name"], message: nameProblem });

  const key = table.primaryKey.map((entry) => foldIdentifier(parseOrderedColumn(entry).name));
  const indexed = new Set<string>();
  for (const [position, entry] of index.columns.entries()) {
    const { name } = parseOrderedColumn(entry);
    const entryPath = [...path, "columns", position];
    if (indexed.has(foldIdentifier(name))) problems.push({ path: entryPath, message: `"${name}" is named twice` });
    indexed.add(foldIdentifier(name));
    problems.push(...checkColumnExists(table, name, entryPath));
    const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
    const type = column === undefined ? undefined : columnType(column);
    if ((type !== undefined && !canBeKey(type)) || name === otherAttributesColumn(table)) {
      problems.push({ path: entryPath, message: `${type?.kind ?? "JSON"} columns can't be indexed; use storing` });
    }
  }
  const keyColumns = new Set([...indexed, ...key]).size;
  if (keyColumns > MAX_INDEX_KEY_COLUMNS) {
    const message = `has ${keyColumns} columns with those of the primary key; Spanner allows ${MAX_INDEX_KEY_COLUMNS}`;
    problems.push({ path: [...path, "columns"], message });
  }

  const stored = new Set<string>();
  for (const [position, name] of (index.storing ?? []).entries()) {
    const entryPath = [...path, "storing", position];
    const folded = foldIdentifier(name);
    if (stored.has(folded)) problems.push({ path: entryPath, message: `"${name}" is named twice` });
    stored.add(folded);
    problems.push(...checkColumnExists(table, name, entryPath));
    if (indexed.has(folded) || key.includes(folded)) {
      const place = indexed.has(folded) ? "indexed" : "in the primary key, which every index holds";
      problems.push({ path: entryPath, message: `"${name}" is already ${place}; remove it here` });
    }
  }
  return problems;
}

function checkColumnExists(table: TableMapping, name: string, path: MappingPath): readonly MappingProblem[] {
  const other = otherAttributesColumn(table);
  if (Object.hasOwn(table.columns, name) || name === other) return [];
  const hint = didYouMean(name, [...Object.keys(table.columns), ...(other === undefined ? [] : [other])]);
  return [{ path, message: `the table has no column "${name}"${hint}` }];
}

/** Name of the JSON column that keeps the other attributes, if the table has one. */
export function otherAttributesColumn(table: TableMapping): string | undefined {
  return typeof table.otherAttributes === "object" ? table.otherAttributes.column : undefined;
}
