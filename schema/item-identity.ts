import type { ColumnMapping, ConditionMapping } from "./mapping-grammar";
import { matchesOneText, patternsTellWholeText } from "./match-pattern";

/** What one table knows of a key attribute: its conditions, and the primary-key columns that are filled from it. */
export interface KeyAttributeUse {
  readonly conditions: readonly ConditionMapping[];
  readonly keyColumns: readonly Pick<ColumnMapping, "match">[];
}

/**
 * Whether the primary key and the table's `when` tell the whole text of a key attribute. Two items that differ in it
 * then never land on one row; otherwise one would overwrite the other, whichever is written last.
 */
export function keyTellsAttribute({ conditions, keyColumns }: KeyAttributeUse): boolean {
  const fixed = conditions.some(
    ({ equals, matches }) => equals !== undefined || (matches !== undefined && matchesOneText(matches)),
  );
  if (fixed || keyColumns.some((column) => column.match === undefined)) return true;
  return patternsTellWholeText(keyColumns.map((column) => column.match ?? ""));
}
