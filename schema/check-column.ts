import { MigrationError } from "../errors/migration-error";
import { type ColumnType, parseColumnType } from "./column-type";
import type { ColumnMapping, SourceMapping } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";
import { captureGroupCount, compileMatchPattern } from "./match-pattern";
import { parsePath } from "./path";

/** The column's type, or undefined if the mapping names none that exists (which `checkColumn` reports). */
export function columnType(column: ColumnMapping): ColumnType | undefined {
  const type = readType(column);
  return "problem" in type ? undefined : type;
}

function readType(column: ColumnMapping): ColumnType | { readonly problem: string } {
  try {
    return parseColumnType(column.type);
  } catch (error) {
    if (error instanceof MigrationError) return { problem: error.message };
    throw error;
  }
}

/** What is wrong with a column taken by itself. `source` is absent while the mapping's source is not valid. */
export function checkColumn(
  column: ColumnMapping,
  path: MappingPath,
  source: SourceMapping | undefined,
): readonly MappingProblem[] {
  const type = readType(column);
  const known = "problem" in type ? undefined : type;
  return [
    ...("problem" in type ? [{ path: [...path, "type"], message: type.problem }] : []),
    ...checkFrom(column, [...path, "from"], source),
    ...checkMatch(column, known, [...path, "match"]),
    ...checkEpoch(column, known, [...path, "epoch"]),
  ];
}

function checkFrom(
  { from }: ColumnMapping,
  path: MappingPath,
  source: SourceMapping | undefined,
): readonly MappingProblem[] {
  if (from === undefined) return [];
  const segments = parsePath(from);
  if ("problem" in segments) return [{ path, message: segments.problem }];
  const [attribute] = segments;
  if (segments.length > 1 && source !== undefined && [source.partitionKey, source.sortKey].includes(`${attribute}`)) {
    return [{ path, message: `"${attribute}" is a key attribute, which holds no map or list to reach into` }];
  }
  return [];
}

function checkMatch(
  { match }: ColumnMapping,
  type: ColumnType | undefined,
  path: MappingPath,
): readonly MappingProblem[] {
  if (match === undefined) return [];
  const problem = patternProblem(match);
  if (problem !== undefined) return [{ path, message: problem }];
  const problems: MappingProblem[] = [];
  if (captureGroupCount(match) === 0) {
    problems.push({ path, message: "has no capture group: put what the column shall take in parentheses" });
  }
  if (type?.kind === "ARRAY" || type?.kind === "JSON") {
    problems.push({ path, message: `takes one text, which no column of type ${type.kind} can hold` });
  }
  return problems;
}

/** What makes a text no regular expression, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compileMatchPattern(pattern);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    return `is no regular expression with the u flag: ${reason}`;
  }
}

function checkEpoch(
  { epoch }: ColumnMapping,
  type: ColumnType | undefined,
  path: MappingPath,
): readonly MappingProblem[] {
  if (epoch === undefined || type === undefined) return [];
  const { kind } = type.kind === "ARRAY" ? type.element : type;
  if (kind === "DATE" || kind === "TIMESTAMP") return [];
  return [{ path, message: "is for columns of type DATE or TIMESTAMP only; remove it or change the type" }];
}
