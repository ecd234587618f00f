import { isUtf8 } from "node:buffer";
import { compileLineScanner } from "../../scanner/line-scanner";
import type { Dialect } from "../../schema/column-type";
import { parseExportLine } from "../../schema/export-line";
import { compileItemConverter } from "../../schema/item-converter";
import type { MigrationPlan } from "../../schema/migration-plan";
import { RowEncoder } from "../../spanner/row-encoder";
import { SpanRowEncoder } from "../../spanner/span-row-encoder";

export type Verdict =
  /** The scanner has made the very row of the slow path. */
  | "taken"
  /** The scanner leaves the line to the slow path, which takes it or not. */
  | "left"
  /** The scanner has made a row where the slow path makes none, or another one. */
  | "wrong";

/** Compares what the scanner makes of a line (without its newline) with what the slow path does. */
export function compilePathComparison(plan: MigrationPlan, dialect: Dialect): (line: Buffer) => Verdict {
  const keyLength = plan.tables[0]?.keyLength ?? 0;
  const scanned = new SpanRowEncoder(keyLength);
  const scanLine = compileLineScanner(plan, dialect, scanned);
  if (scanLine === undefined) throw new Error("the scanner does not take the plan");
  const convertItem = compileItemConverter(plan, { dialect });
  const before = Buffer.from("what stood before\n");

  const slowRow = (line: Buffer): Buffer | undefined => {
    const encoder = new RowEncoder(keyLength);
    try {
      const outcome = convertItem(parseExportLine(line.toString("utf8")));
      if (outcome.kind !== "row") return undefined;
      encoder.appendRow(outcome.values, 7);
    } catch {
      return undefined;
    }
    return keptRow(encoder);
  };

  return function comparePaths(line) {
    // The scanner is given no other block.
    if (!isUtf8(line)) return "left";
    const bytes = Buffer.concat([before, line, Buffer.from("\n")]);
    const taken = scanLine(bytes, before.length, bytes.length - 1, 7);
    if (scanned.count !== (taken ? 1 : 0)) return "wrong";
    const row = keptRow(scanned);
    if (!taken) return row.length === 0 ? "left" : "wrong";
    return slowRow(line)?.equals(row) === true ? "taken" : "wrong";
  };
}

/** The bytes of all rows, where their keys end and their lines. */
function keptRow(encoder: RowEncoder): Buffer {
  const { bytes, offsets, keyEnds, lines, count } = encoder.finish();
  if (count === 0) return Buffer.alloc(0);
  return Buffer.concat([bytes, Buffer.from(JSON.stringify([[...offsets], [...keyEnds], [...lines]]))]);
}
