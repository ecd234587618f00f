import type { SpannerConnection } from "../spanner/connection";
import { digestKey, digestText } from "../transforms/verify-key-sketch";
import { MAX_SUSPECTS, type Suspect, type VerifyLedger } from "../transforms/verify-ledger";
import { scanKeys, type VerifyRowsConfig } from "../transforms/verify-rows";

/** Rows that no item explains, as of the run's read timestamp. */
export interface UnexplainedRows {
  readonly rows: readonly Suspect[];
  /** Rows without an item that are too many to be named: known by their number only. */
  readonly unnamed: number;
  /** Rows that more than one item asks for: the source holds a key twice. */
  readonly repeated: number;
}

/**
 * Names the rows that are left in the sketch when each row that an item explains has been taken out. The sketch gives
 * digests; the keys are looked through once more for those.
 */
export async function findUnexplainedRows(
  connection: SpannerConnection,
  config: VerifyRowsConfig,
  { unexplained, counts }: VerifyLedger,
): Promise<UnexplainedRows> {
  const difference = unexplained.difference();
  const { surplus, complete } = difference;
  const rows: Suspect[] = [];
  if (surplus.size > 0) {
    for (const table of config.plan.tables.keys()) {
      for await (const { key } of scanKeys(connection, config, table)) {
        if (rows.length === MAX_SUSPECTS) break;
        if (surplus.has(digestText(digestKey(key.identity)))) rows.push({ kind: "row", table, key: key.values });
      }
    }
  }
  // By the counts alone: rows that no item was found for.
  const without = counts.rows - counts.newerRows - (counts.matched - counts.newerMatched);
  const left = config.source === "export" ? without : counts.rows - counts.matched;
  const unnamed = complete ? Math.max(surplus.size - rows.length, 0) : Math.max(left - rows.length, 1);
  return { rows, unnamed, repeated: difference.repeated.size };
}
