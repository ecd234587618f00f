import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A fenced block of a document. */
export interface Block {
  readonly language: string;
  /** What follows the language: `title="…"`, or a word. */
  readonly title: string | undefined;
  readonly fails: boolean;
  readonly text: string;
  /** Of its first line in the document. */
  readonly line: number;
}

/** The fenced blocks of a file in docs/, in their order. */
export function documentBlocks(name: string): readonly Block[] {
  const document = readFileSync(join(process.cwd(), "docs", name), "utf8");
  return [...document.matchAll(/^```(\w+)(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = "", 2: info = "", 3: text = "" }) => ({
      language,
      title: /title="([^"]+)"/.exec(info)?.[1],
      fails: /\bfails\b/.test(info),
      text,
      line: document.slice(0, index).split("\n").length + 1,
    }),
  );
}

/** The words of each command of a shell block, quotes taken off. */
export function commandsOf(text: string): readonly (readonly string[])[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""));
}
