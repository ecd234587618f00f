import type { ColumnType } from "./column-type";
import { isCanonicalDecimal } from "./decimal";
import type { WireValue } from "./wire-value";

/**
 * Whether no other text than this one becomes this value of a key column. "1" and "1.0" are two keys in DynamoDB, but
 * one INT64: were both taken, the two items would share a row, and one overwrite the other. So of the texts that become
 * one value a key takes a single one: the shortest.
 */
export function isOnlyKeyText(type: ColumnType, text: string, value: WireValue): boolean {
  switch (type.kind) {
    case "INT64":
    case "NUMERIC":
    case "FLOAT64":
    case "FLOAT32":
      return isCanonicalDecimal(text);
    case "TIMESTAMP":
      return text === value;
    default:
      // STRING and BYTES keep the text; BOOL and DATE are read in one form only.
      return true;
  }
}
