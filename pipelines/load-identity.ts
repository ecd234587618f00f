import { createHash } from "node:crypto";
import type { ExportedTable } from "../export/open-export";
import type { LoadRow } from "../schema/load-progress";
import type { MigrationPlan } from "../schema/migration-plan";

/** Version of how parts are cut and recorded: a load is not gone on with by another one. */
const FORMAT = 1;

/** What makes two runs of `bulk` runs of one load: the same items, to the same rows, in the same way. */
export type LoadIdentity = Pick<LoadRow, "sourceTable" | "tables" | "exportHash" | "mode" | "format">;

/** @param plan with its tables at the levels in which they are written */
export function loadIdentity(plan: MigrationPlan, { dataFiles }: ExportedTable, exclusive: boolean): LoadIdentity {
  const { tables, ...rest } = plan;
  return {
    sourceTable: plan.source.table,
    tables: new Map([...tables.map((table) => [table.name, hash(table)] as const), ["", hash(rest)]]),
    exportHash: hash(dataFiles.map(({ name, proof }) => [name, proof?.itemCount, proof?.md5])),
    mode: exclusive ? "exclusive" : "versioned",
    format: FORMAT,
  };
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** True if both write to a table of the same name. */
export function sharesTable(left: LoadIdentity, right: LoadIdentity): boolean {
  return [...left.tables.keys()].some((name) => name !== "" && right.tables.has(name));
}

/** In what the identity differs from that of an earlier load, one sentence each; none: it is the same load. */
export function identityDifferences(load: LoadRow, now: LoadIdentity): readonly string[] {
  const differences: string[] = [];
  const names = new Set([...load.tables.keys(), ...now.tables.keys()]);
  const changed = [...names].filter((name) => load.tables.get(name) !== now.tables.get(name));
  if (load.sourceTable !== now.sourceTable || changed.length > 0) {
    const of = changed.filter((name) => name !== "").join(", ");
    differences.push(`the mapping is another one${of === "" ? "" : ` for ${of}`}`);
  }
  if (load.exportHash !== now.exportHash) differences.push(`the export is another one: it was ${load.exportUrl}`);
  if (load.mode !== now.mode) {
    differences.push(load.mode === "exclusive" ? "it was begun with --exclusive" : "it was begun without --exclusive");
  }
  if (load.format !== now.format) differences.push("it was begun by another version of this program");
  return differences;
}
