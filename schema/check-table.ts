import { otherAttributesColumn } from "./check-index";
import { checkKey } from "./check-key";
import { checkWhen } from "./check-when";
import { foldIdentifier, identifierProblem } from "./identifier";
import type { SourceMapping, TableMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";
import { MAX_COLUMNS_PER_TABLE } from "./spanner-limits";
import { defaultVersionTable } from "./version-table";

/**
 * What is wrong with a table taken by itself, beyond its single columns, conditions and indexes. It follows the grammar.
 */
export function checkTable(table: TableMapping, path: MappingPath, source: SourceMapping): readonly MappingProblem[] {
  return [
    ...checkTableNames(table, path),
    ...checkColumnNames(table, path),
    ...checkKey(table, path, source),
    ...checkWhen(table, path),
    ...checkParentOptions(table, path),
  ];
}

function checkTableNames(table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  const problem = identifierProblem(table.name);
  if (problem !== undefined) return [{ path: [...path, "name"], message: problem }];
  const versionProblem = identifierProblem(table.versionTable ?? defaultVersionTable(table.name));
  if (versionProblem === undefined) return [];
  if (table.versionTable !== undefined) return [{ path: [...path, "versionTable"], message: versionProblem }];
  const message = `its version table ${defaultVersionTable(table.name)}: ${versionProblem}; name one with "versionTable"`;
  return [{ path: [...path, "name"], message }];
}

function checkColumnNames(table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  const problems: MappingProblem[] = [];
  const names = Object.keys(table.columns);
  const byFolded = new Map<string, string>();
  for (const name of names) {
    const other = byFolded.get(foldIdentifier(name));
    if (other !== undefined) {
      const message = `Spanner takes "${name}" and "${other}" for one name, as case does not count; rename one, and say what it is filled from`;
      problems.push({ path: [...path, "columns", name], atName: true, message });
    }
    byFolded.set(foldIdentifier(name), name);
  }
  const extra = otherAttributesColumn(table);
  if (extra !== undefined) {
    const extraPath = [...path, "otherAttributes", "column"];
    const problem = identifierProblem(extra);
    if (problem !== undefined) problems.push({ path: extraPath, message: problem });
    const other = byFolded.get(foldIdentifier(extra));
    if (other !== undefined) {
      const message = `"${other}" is also in columns; it is made by otherAttributes alone, so remove it there or use another name`;
      problems.push({ path: extraPath, message });
    }
  }
  const count = names.length + (extra === undefined ? 0 : 1);
  if (count > MAX_COLUMNS_PER_TABLE) {
    const message = `${count} columns; Spanner allows ${MAX_COLUMNS_PER_TABLE}: keep rare attributes in the column of otherAttributes`;
    problems.push({ path: [...path, "columns"], message });
  }
  return problems;
}

function checkParentOptions(table: TableMapping, path: MappingPath): readonly MappingProblem[] {
  if (table.interleaveIn !== undefined) return [];
  return (["onDelete", "createParent"] as const)
    .filter((option) => table[option] !== undefined)
    .map((option) => ({
      path: [...path, option],
      message: "is for interleaved tables only; add interleaveIn or remove it",
    }));
}
