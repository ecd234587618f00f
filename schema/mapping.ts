import { MigrationError } from "../errors/migration-error";
import { formatPath } from "./attribute-path";
import { checkMapping } from "./check-mapping";
import { documentValue, formatPosition, offsetOf, readMappingDocument } from "./mapping-document";
import { type Mapping, mappingGrammar } from "./mapping-grammar";
import { grammarProblems } from "./mapping-grammar-problems";

export type { Mapping } from "./mapping-grammar";

/**
 * Reads a mapping file: JSON with comments and trailing commas, in the grammar of schema/mapping.schema.json.
 *
 * @param fileName names the file in messages
 * @throws MigrationError E_MAPPING_INVALID; its details are all mistakes found, one a line:
 *   `file:line:column path.to.place: what is wrong and what to do`, in the order of the file
 */
export function parseMapping(text: string, fileName: string): Mapping {
  const withoutMark = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (withoutMark.trim() === "") throw invalid(fileName, [{ offset: 0, message: "the file is empty" }], "");
  const { document, syntaxErrors } = readMappingDocument(withoutMark);
  if (syntaxErrors.length > 0) {
    // What follows a syntax error was read by guessing, so nothing more is said of it.
    throw invalid(fileName, syntaxErrors, withoutMark);
  }
  const { value, problems: duplicates } = documentValue(document);
  const problems = [...duplicates, ...grammarProblems(value, document), ...checkMapping(value)];
  if (problems.length > 0) {
    const located = problems.map(({ path, atName, message }) => ({
      offset: offsetOf(document, path, atName),
      message: path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    }));
    throw invalid(fileName, located, withoutMark);
  }
  return mappingGrammar.parse(value);
}

function invalid(
  fileName: string,
  problems: readonly { readonly offset: number; readonly message: string }[],
  text: string,
): MigrationError {
  const lines = problems
    .toSorted((left, right) => left.offset - right.offset)
    .map(({ offset, message }) => `${fileName}:${formatPosition(text, offset)} ${message}`);
  const details = [...new Set(lines)];
  const count = details.length === 1 ? "one mistake" : `${details.length} mistakes`;
  return new MigrationError("E_MAPPING_INVALID", `the mapping ${fileName} has ${count}`, { details });
}
