import { MigrationError } from "../errors/migration-error";
import type { Item } from "./attribute-value";
import { parseImage, parseKeys, requireSameKeys } from "./change";
import { isBeingDeleted, withoutReplicationAttributes } from "./replication-attributes";

/** The newest change of one item within the window of an incremental export. */
export interface ExportedChange {
  /** The item's primary key. */
  readonly keys: Item;
  /** The item as it was at the window's end; null: it was deleted. */
  readonly image: Item | null;
  /** When it was last written, microseconds since 1970, in decimal without leading zeros. */
  readonly writeTimestampMicros: string;
}

/** Enough until the year 5138, and far within INT64. */
const MICROSECONDS = /^[1-9][0-9]{0,17}$/;

/**
 * Reads one line of an incremental export in DynamoDB JSON:
 * `{"Metadata":{"WriteTimestampMicros":{"N":"…"}},"Keys":{…},"NewImage":{…},"OldImage":{…}}`. A line without a new image
 * is a deletion, with either output view; an old image is not looked at.
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html)
 *
 * @throws MigrationError E_LINE_NOT_JSON, E_LINE_NO_CHANGE, E_CHANGE_KEYS, E_CHANGE_FORMAT; ConversionError E_ITEM_…
 */
export function parseIncrementalLine(line: string): ExportedChange {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    // The engine's own message quotes the text, which is the user's data.
    throw new MigrationError("E_LINE_NOT_JSON", line === "" ? "the line is empty" : "the line is not JSON", { cause });
  }
  const fields = own(parsed, "Metadata") === undefined || own(parsed, "Keys") === undefined ? undefined : parsed;
  if (fields === undefined) throw noChange('the line is not {"Metadata": …, "Keys": …}');
  const micros = own(own(own(fields, "Metadata"), "WriteTimestampMicros"), "N");
  if (typeof micros !== "string" || !MICROSECONDS.test(micros)) {
    throw noChange("Metadata.WriteTimestampMicros is no number of microseconds");
  }
  const keys = parseKeys(own(fields, "Keys"), "Keys");
  const image = parseImage(own(fields, "NewImage"));
  if (image === undefined) return { keys, image: null, writeTimestampMicros: micros };
  requireSameKeys(keys, image, "");
  const live = isBeingDeleted(image) ? null : withoutReplicationAttributes(image);
  return { keys, image: live, writeTimestampMicros: micros };
}

function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function noChange(message: string): MigrationError {
  return new MigrationError("E_LINE_NO_CHANGE", message);
}
