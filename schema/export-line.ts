import { MigrationError } from "../errors/migration-error";
import type { Item } from "./attribute-value";
import { itemSize, MAX_ITEM_SIZE } from "./item-size";
import { parseItem } from "./parse-item";

/**
 * Lines longer than this are measured by DynamoDB's own size rules. (A legal item of many short list elements or
 * escapes is longer than its 400 KB as JSON, so that the line's length alone refuses nothing.)
 */
const SUSPICIOUS_LINE_LENGTH = 1024 * 1024;

/**
 * Reads one line of a full export in DynamoDB JSON: `{"Item":{"name":{"S":"value"},…}}`
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html).
 * @throws MigrationError E_LINE_NOT_JSON, E_LINE_NO_ITEM, E_ITEM_TOO_LARGE; ConversionError E_ITEM_…
 */
export function parseExportLine(line: string): Item {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    // The engine's own message quotes the text, which is the user's data.
    throw new MigrationError("E_LINE_NOT_JSON", line === "" ? "the line is empty" : "the line is not JSON", { cause });
  }
  const item = parseItem(itemOf(parsed));
  if (line.length > SUSPICIOUS_LINE_LENGTH) {
    const size = itemSize(item);
    if (size > MAX_ITEM_SIZE) {
      throw new MigrationError(
        "E_ITEM_TOO_LARGE",
        `the item has ${size} bytes; DynamoDB stores at most ${MAX_ITEM_SIZE}`,
      );
    }
  }
  return item;
}

function itemOf(parsed: unknown): unknown {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed) || !Object.hasOwn(parsed, "Item")) {
    throw new MigrationError("E_LINE_NO_ITEM", 'the line is not {"Item": …}');
  }
  const names = Object.keys(parsed);
  if (names.length > 1) {
    throw new MigrationError("E_LINE_NO_ITEM", `the line holds ${names.length - 1} more than its "Item"`);
  }
  return (parsed as { readonly Item: unknown }).Item;
}
