import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AttributeValue, parseItem } from "../../schema/attribute-value";

/** The documentation is the expectation of these tests: its tables are run against the code. */
export const document = readFileSync(join(process.cwd(), "docs/mapping.md"), "utf8");

/** The rows below the header of the table that begins with these cells. */
export function tableRows(...header: readonly string[]): readonly (readonly string[])[] {
  const lines = document.split("\n");
  const start = lines.findIndex((line) => header.every((cell, at) => cells(line)[at] === cell));
  if (start < 0) throw new Error(`docs/mapping.md has no table that begins with ${header.join(" | ")}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map(cells);
}

export function cells(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

export function json(cell: string): unknown {
  const code = /^`(.*)`$/.exec(cell);
  if (code?.[1] === undefined) throw new Error(`no JSON in backticks: ${cell}`);
  return JSON.parse(code[1]);
}

export function exampleValue(cell: string): AttributeValue {
  const value = parseItem({ value: json(cell) })["value"];
  if (value === undefined) throw new Error(cell);
  return value;
}
