import type { Dialect } from "./column-type";
import { MAX_IDENTIFIER_LENGTH } from "./spanner-limits";

/** A column of a primary key or an index with its direction. */
export interface OrderedColumn {
  readonly name: string;
  readonly descending: boolean;
}

/**
 * What is wrong with a name for a table, column or index, or undefined.
 * Source: https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#names
 */
export function identifierProblem(name: string): string | undefined {
  if (name.length > MAX_IDENTIFIER_LENGTH) {
    return `the name has ${name.length} characters; Spanner allows ${MAX_IDENTIFIER_LENGTH}`;
  }
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return undefined;
  return `"${name}" is no name for Spanner: it must start with a letter and hold only letters, digits and _`;
}

/** Spanner compares names without regard to case: the form in which two equal names are equal texts. */
export function foldIdentifier(name: string): string {
  return name.toLowerCase();
}

/** The name quoted for DDL and SQL. Every name is quoted, so reserved words need no list of their own. */
export function quoteIdentifier(name: string, dialect: Dialect): string {
  return dialect === "googlesql" ? `\`${name}\`` : `"${name}"`;
}

/** Reads `Name`, `Name ASC` or `Name DESC`. */
export function parseOrderedColumn(text: string): OrderedColumn {
  const parsed = /^(.*?)\s+(ASC|DESC)$/i.exec(text.trim());
  if (parsed === null) return { name: text.trim(), descending: false };
  return { name: parsed[1] ?? "", descending: parsed[2]?.toUpperCase() === "DESC" };
}

/** `Name, Other DESC`, as `parseOrderedColumn` reads each. */
export function formatOrderedColumns(columns: readonly OrderedColumn[]): string {
  return columns.map(({ name, descending }) => (descending ? `${name} DESC` : name)).join(", ");
}
