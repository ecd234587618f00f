import type { Dialect } from "./column-type";
import { ConversionError } from "./conversion-error";
import { isWellFormed } from "./unicode-text";

/**
 * Refuses text that the database can't store: half surrogate pairs, which have no UTF-8 form, and U+0000 in a
 * PostgreSQL-dialect database (https://www.postgresql.org/docs/current/datatype-character.html).
 *
 * `parseItem` has refused half pairs already; here they would be changed in silence, so nothing relies on that.
 */
export function checkStorableText(text: string, dialect: Dialect): void {
  if (!isWellFormed(text)) throw new ConversionError("E_ITEM_LONE_SURROGATE", "the text holds half a surrogate pair");
  if (dialect === "postgresql" && text.includes("\0")) {
    throw new ConversionError(
      "E_CONVERSION_TEXT",
      "the text holds U+0000, which a PostgreSQL-dialect database refuses",
    );
  }
}
