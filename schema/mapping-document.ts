import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  ParseErrorCode,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { MappingPath, MappingProblem } from "./mapping-problem";

/** A mapping file as text and tree, so that every problem can be shown at its line and column. */
export interface MappingDocument {
  readonly text: string;
  readonly root: Node | undefined;
}

/** Reads JSON with comments and trailing commas; the tree covers whatever could be read in spite of syntax errors. */
export function readMappingDocument(text: string): {
  readonly document: MappingDocument;
  /** Offset in the text and message of each mistake that makes the file no JSON. */
  readonly syntaxErrors: readonly { readonly offset: number; readonly message: string }[];
} {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  return {
    document: { text, root },
    syntaxErrors: errors.map(({ error, offset }) => ({ offset, message: syntaxMessage(error) })),
  };
}

const SYNTAX_MESSAGES: Partial<Record<ParseErrorCode, string>> = {
  [ParseErrorCode.InvalidSymbol]: "this is no JSON value; texts stand in double quotes",
  [ParseErrorCode.InvalidNumberFormat]: "this is no JSON number",
  [ParseErrorCode.PropertyNameExpected]: "a property name in double quotes is expected here",
  [ParseErrorCode.ValueExpected]: "a value is expected here",
  [ParseErrorCode.ColonExpected]: "a colon is expected here, between a property's name and its value",
  [ParseErrorCode.CommaExpected]: "a comma is expected here",
  [ParseErrorCode.CloseBraceExpected]: "a closing brace } is missing",
  [ParseErrorCode.CloseBracketExpected]: "a closing bracket ] is missing",
  [ParseErrorCode.EndOfFileExpected]: "the file must end after its one JSON object",
  [ParseErrorCode.UnexpectedEndOfComment]: "the comment is not closed",
  [ParseErrorCode.UnexpectedEndOfString]: "the text is not closed with a double quote",
  [ParseErrorCode.InvalidEscapeCharacter]: "this backslash sequence is none of JSON's; write \\\\ for a backslash",
  [ParseErrorCode.InvalidUnicode]: "\\u needs four hexadecimal digits",
};

function syntaxMessage(code: ParseErrorCode): string {
  return SYNTAX_MESSAGES[code] ?? `not valid JSON (${printParseErrorCode(code)})`;
}

/**
 * The file as plain values. Names come from users, so `__proto__` becomes an own property like any other. A name given
 * twice is reported: JSON parsers silently keep the last, and a column would be lost.
 */
export function documentValue(document: MappingDocument): {
  readonly value: unknown;
  readonly problems: readonly MappingProblem[];
} {
  const problems: MappingProblem[] = [];
  const value = document.root === undefined ? undefined : nodeValue(document.root, [], problems);
  return { value, problems };
}

function nodeValue(node: Node, path: MappingPath, problems: MappingProblem[]): unknown {
  if (node.type === "array") {
    return (node.children ?? []).map((child, index) => nodeValue(child, [...path, index], problems));
  }
  if (node.type !== "object") return node.value;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [nameNode, valueNode] = property.children ?? [];
    if (nameNode === undefined || valueNode === undefined) continue;
    const name = String(nameNode.value);
    const propertyPath = [...path, name];
    if (Object.hasOwn(value, name)) {
      problems.push({ path: propertyPath, atName: true, message: "this name is given twice; remove one" });
      continue;
    }
    Object.defineProperty(value, name, {
      value: nodeValue(valueNode, propertyPath, problems),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return value;
}

/** Whether the file has something at the path. */
export function hasPath(document: MappingDocument, path: MappingPath): boolean {
  return document.root !== undefined && findNodeAtLocation(document.root, [...path]) !== undefined;
}

/** Offset of the value at the path (of its name with `atName`), or of what encloses it if the file has no such place. */
export function offsetOf(document: MappingDocument, path: MappingPath, atName = false): number {
  if (document.root === undefined) return 0;
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(document.root, path.slice(0, length));
    if (node === undefined) continue;
    const isName = atName && length === path.length && node.parent?.type === "property";
    return isName ? (node.parent?.offset ?? node.offset) : node.offset;
  }
  return document.root.offset;
}

/** `line:column`, both counted from 1. */
export function formatPosition(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return `${before.split("\n").length}:${offset - lineStart + 1}`;
}
