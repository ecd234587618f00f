import type { PCollection, Root } from "apache-beam/pvalue";
import { asyncParDo } from "../beam/async-par-do";
import { createElements } from "../beam/create-elements";
import type { DataFile } from "../export/open-export";
import { ReadExport } from "../transforms/read-export";
import { ExpectRows, type ExpectRowsConfig } from "../transforms/verify-expect";
import type { ExpectedRow } from "../transforms/verify-ledger";
import { ReadTable } from "../transforms/verify-read-table";
import { CompareRows, NoteRows, type VerifyRowsConfig } from "../transforms/verify-rows";

/** Where the items are: an export's data files, or a live table. */
export type VerifyInput =
  | { readonly kind: "export"; readonly files: readonly DataFile[] }
  | { readonly kind: "table"; readonly table: string; readonly segments: number };

export type VerifyConfig = VerifyRowsConfig & { readonly input: VerifyInput };

/**
 * The verification: items in, counts and suspects out, in the run's ledger.
 *
 *     ReadExport ─ blocks ─ ExpectRows ─┐
 *     ReadTable ────────────────────────┴─ expected rows ─ CompareRows
 *     Tables ─ NoteRows
 *
 * Rows are looked through first: of a live table, an item that is added later can't leave a row without an item then.
 */
export function createRowsPipeline(config: VerifyConfig): (root: Root) => void {
  const tables = config.plan.tables.map((_, index) => index);
  return (root) => {
    root.apply(createElements("Tables", tables)).apply(asyncParDo(new NoteRows(rowsConfig(config))));
  };
}

/** The second half: items against their rows. */
export function createItemsPipeline(config: VerifyConfig): (root: Root) => void {
  return (root) => {
    readItems(root, config).apply(asyncParDo(new CompareRows(rowsConfig(config))));
  };
}

function readItems(root: Root, config: VerifyConfig): PCollection<readonly ExpectedRow[]> {
  const { input, runId, plan, dialect } = config;
  const expectConfig: ExpectRowsConfig = { runId, plan, dialect };
  if (input.kind === "table") {
    const { segments, table } = input;
    const parts = Array.from({ length: segments }, (_, segment) => ({ segment, segments }));
    return root.apply(createElements("TableParts", parts)).apply(asyncParDo(new ReadTable(expectConfig, table)));
  }
  return root
    .apply(createElements("DataFiles", input.files))
    .apply(asyncParDo(new ReadExport(runId)))
    .apply(asyncParDo(new ExpectRows(expectConfig)));
}

function rowsConfig({ input: _, ...config }: VerifyConfig): VerifyRowsConfig {
  return config;
}
