import { z } from "zod";
import { didYouMean } from "./closest-name";
import { hasPath, type MappingDocument } from "./mapping-document";
import { mappingGrammar } from "./mapping-grammar";
import type { MappingPath, MappingProblem } from "./mapping-problem";

/** Where the mapping file does not follow the grammar: every place, each with what belongs there. */
export function grammarProblems(value: unknown, document: MappingDocument): readonly MappingProblem[] {
  const result = mappingGrammar.safeParse(value);
  return result.success ? [] : result.error.issues.flatMap((issue) => issueProblems(issue, [], document));
}

type Issue = z.core.$ZodIssue;

function issueProblems(issue: Issue, base: MappingPath, document: MappingDocument): readonly MappingProblem[] {
  const path: MappingPath = [...base, ...issue.path.map((segment) => (typeof segment === "symbol" ? "" : segment))];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = propertyNames(path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        atName: true,
        message: `no such property${didYouMean(key, known) || `; known here: ${known.join(", ")}`}`,
      }));
    }
    case "invalid_union": {
      const branch = issue.errors.find((issues) => !issues.some(isOtherKind));
      if (branch === undefined) return [{ path, message: issue.message }];
      return branch.flatMap((inner) => issueProblems(inner, path, document));
    }
    case "invalid_type": {
      if (hasPath(document, path)) return [{ path, message: `must be ${KINDS[issue.expected] ?? issue.expected}` }];
      return [{ path, message: "is missing; it must be given" }];
    }
    case "invalid_value":
      return [{ path, message: `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** The value is of another kind than this branch of a union is about, so the branch's problems say nothing. */
function isOtherKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** The names that the grammar knows in the object at the path. */
function propertyNames(path: MappingPath): readonly string[] {
  let kinds: readonly z.core.$ZodType[] = [mappingGrammar];
  for (const segment of path) kinds = kinds.flatMap(alternatives).flatMap((kind) => inner(kind, segment));
  return kinds.flatMap(alternatives).flatMap((kind) => (kind instanceof z.ZodObject ? Object.keys(kind.shape) : []));
}

function alternatives(kind: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (kind instanceof z.ZodOptional) return alternatives(kind.unwrap());
  if (kind instanceof z.ZodUnion) return kind.options.flatMap(alternatives);
  return [kind];
}

function inner(kind: z.core.$ZodType, segment: string | number): readonly z.core.$ZodType[] {
  if (kind instanceof z.ZodArray) return [kind.element];
  if (kind instanceof z.ZodRecord) return [kind.valueType];
  if (kind instanceof z.ZodObject && Object.hasOwn(kind.shape, segment)) return [kind.shape[segment]];
  return [];
}
