import type { AttributeValue } from "./attribute-value";
import type { Dialect } from "./column-type";
import { ConversionError } from "./conversion-error";
import { jsonText } from "./json-text";
import { hasMoreCharactersThan } from "./unicode-text";
import type { ConversionOptions, ValueConverter } from "./value-converter";

/** Longest JSON document (https://cloud.google.com/spanner/docs/working-with-json#specs). */
const MAX_JSON_CHARACTERS = 2_621_440;
/** Largest JSONB document (https://cloud.google.com/spanner/docs/working-with-jsonb). */
const MAX_JSONB_BYTES = 10_485_760;

/**
 * To JSON, losslessly, from every type; see `jsonText`. Null gives SQL NULL; within Maps and Lists it is JSON's null.
 * The nesting needs no check: DynamoDB's 32 levels fit into Spanner's 80 in either form of JSON.
 */
export function compileJsonConverter({ dialect = "googlesql" }: ConversionOptions): ValueConverter {
  return function toJson(value: AttributeValue) {
    if (value.NULL !== undefined) return null;
    return checkJsonDocument(jsonText(value, dialect), dialect);
  };
}

/** Refuses a document that is too large for the database. */
export function checkJsonDocument(text: string, dialect: Dialect): string {
  if (dialect === "postgresql") {
    if (Buffer.byteLength(text) > MAX_JSONB_BYTES) throw refuseSize(`${MAX_JSONB_BYTES} bytes`);
  } else if (hasMoreCharactersThan(text, MAX_JSON_CHARACTERS)) {
    throw refuseSize(`${MAX_JSON_CHARACTERS} characters`);
  }
  return text;
}

function refuseSize(limit: string): ConversionError {
  return new ConversionError("E_CONVERSION_TOO_LONG", `the JSON document is longer than ${limit}`);
}
