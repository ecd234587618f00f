import { compileRowComparison } from "../schema/compare-values";
import type { TablePlan } from "../schema/migration-plan";
import type { RowChange } from "../schema/row-change";
import { orderAgainst, type VersionOrder } from "../schema/version-order";
import type { WireValue } from "../schema/wire-value";
import type { StoredVersion } from "./versioned-store";

/**
 * Whether a change is newer than what was applied to its item. Where the versions alone don't decide, it still is if
 *
 * - it asks for what is there already: whichever of the two came last, the item is as the row is;
 * - it was read from the source after this version had been seen.
 *
 * @param row the item's row, all columns, where `FoundState.rows` has it
 */
export function weighChange(
  table: TablePlan,
  change: RowChange,
  version: StoredVersion | undefined,
  row: readonly WireValue[] | undefined,
): VersionOrder {
  if (version === undefined) return "newer";
  const order = orderAgainst(change, version);
  if (order !== "undecided") return order;
  return isReadAfter(change, version) || isSameState(table, change, version, row) ? "newer" : "undecided";
}

function isReadAfter({ readAfter }: RowChange, version: StoredVersion): boolean {
  return (
    readAfter !== undefined &&
    readAfter.sequenceNumber === version.sequenceNumber &&
    readAfter.writeTimestampMicros === version.writeTimestampMicros &&
    readAfter.deleted === version.deleted
  );
}

function isSameState(
  table: TablePlan,
  change: RowChange,
  version: StoredVersion,
  row: readonly WireValue[] | undefined,
): boolean {
  if (change.row === null) return version.deleted;
  if (version.deleted || row === undefined) return false;
  const wanted = change.row;
  // The strictest reading of JSON: what only one of the dialects takes for equal is not taken for the same.
  return (["googlesql", "postgresql"] as const).every(
    (dialect) => compileRowComparison(table, dialect)(wanted, row).length === 0,
  );
}
