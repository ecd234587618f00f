import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DifferenceLine } from "../../pipelines/verify-differences";
import type { VerifySummary } from "../../pipelines/verify-summary";
import type { Item } from "../../schema/attribute-value";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { type CommandResult, runCommand } from "../support/command-line";
import { targetWords } from "./load";

/** A table with a column of every type, and one that is interleaved in it. */
export const everyTypeMapping = {
  source: { table: "Every", partitionKey: "PK", sortKey: "SK" },
  tables: [
    {
      name: "Every",
      primaryKey: ["Id"],
      when: { attribute: "SK", equals: "ALL" },
      columns: {
        Id: { type: "STRING(64)", from: "PK" },
        S: { type: "STRING(MAX)" },
        I: { type: "INT64" },
        F: { type: "FLOAT64" },
        G: { type: "FLOAT32" },
        N: { type: "NUMERIC" },
        B: { type: "BOOL" },
        D: { type: "DATE" },
        T: { type: "TIMESTAMP" },
        J: { type: "JSON" },
        Y: { type: "BYTES(MAX)" },
        A: { type: "ARRAY<STRING(MAX)>" },
        C: { type: "ARRAY<FLOAT64>" },
      },
      otherAttributes: { column: "Rest" },
    },
    {
      name: "Parts",
      interleaveIn: "Every",
      primaryKey: ["Id", "Part"],
      when: { attribute: "SK", beginsWith: "PART#" },
      columns: {
        Id: { type: "STRING(64)", from: "PK" },
        Part: { type: "INT64", from: "SK", match: "^PART#(\\d+)$" },
        S: { type: "STRING(MAX)" },
      },
    },
  ],
};

export function idOf(index: number): string {
  return `id-${String(index).padStart(6, "0")}`;
}

/** Every tenth item is of the interleaved table; every seventh of the others lacks most attributes. */
export function everyTypeItem(index: number): Item {
  if (index % 10 === 9) {
    return { PK: { S: idOf(index - 1) }, SK: { S: `PART#${index}` }, S: { S: `part ${index}` } };
  }
  const keys = { PK: { S: idOf(index) }, SK: { S: "ALL" } };
  if (index % 7 === 6) return keys;
  return {
    ...keys,
    S: { S: `text ${index} – é𝄞` },
    I: { N: String(9_007_199_254_740_993n + BigInt(index)) },
    F: { N: `0.${1 + (index % 8)}` },
    G: { N: "1.5" },
    N: { N: `${index}.123456789` },
    B: { BOOL: index % 2 === 0 },
    D: { S: "2024-02-29" },
    T: { S: `2024-02-29T23:59:${String(index % 60).padStart(2, "0")}.123456789+01:00` },
    J: { M: { n: { N: "9007199254740993" }, x: { N: "13.7391432" }, l: { L: [{ S: "a" }, { NULL: true }] } } },
    Y: { B: Buffer.from(`bytes ${index}`).toString("base64") },
    A: { L: [{ S: "one" }, { S: "two" }, { NULL: true }] },
    C: { L: [{ N: "1.5" }, { N: "2.5" }] },
    Other: { NS: ["3", "1.50"] },
  };
}

export interface Verification extends CommandResult {
  readonly summary: VerifySummary;
  readonly differences: readonly DifferenceLine[];
  /** `kind table key column`, sorted. */
  readonly found: readonly string[];
}

/** Runs `verify` with a summary and a file of differences in `folder`. */
export async function runVerification(
  folder: string,
  database: EmulatorDatabase,
  words: readonly string[],
): Promise<Verification> {
  const summary = join(folder, "verify-summary.json");
  const differences = join(folder, "differences.jsonl");
  const result = await runCommand([
    ...["verify", ...targetWords(database), "--summary", summary, "--differences", differences],
    ...words,
  ]);
  const read = async (path: string) => {
    try {
      return await readFile(path, "utf8");
    } catch {
      throw new Error(`verify has written no ${path}:\n${result.stdout}\n${result.stderr}`);
    }
  };
  const lines = (await read(differences)).split("\n").filter((line) => line !== "");
  const parsed = lines.map((line) => JSON.parse(line) as DifferenceLine);
  return {
    ...result,
    summary: JSON.parse(await read(summary)) as VerifySummary,
    differences: parsed,
    found: parsed.map(describeDifference).sort(),
  };
}

export function describeDifference({ kind, table, key, column }: DifferenceLine): string {
  return [kind, table, Object.values(key ?? {}).join("/"), column ?? "*"].join(" ");
}
