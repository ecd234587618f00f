import { base64ByteLength } from "./base64-text";
import { type ColumnType, MAX_BYTES_LENGTH, MAX_STRING_LENGTH, type ScalarType } from "./column-type";
import { ConversionError } from "./conversion-error";
import { canonicalDecimalText } from "./decimal";
import { countCharacters, hasMoreCharactersThan, isWellFormed } from "./unicode-text";
import { type ConversionOptions, refuseType, type ValueConverter } from "./value-converter";

type SizedType = Extract<ScalarType, { kind: "STRING" | "BYTES" }>;

/** To STRING: String as it is, Number as plain decimal text, Boolean as `true` or `false`, Binary as base64. */
export function compileStringConverter(type: SizedType): ValueConverter {
  const limit = type.length === "MAX" ? MAX_STRING_LENGTH : type.length;

  return function toText(value) {
    if (value.S !== undefined) {
      checkWellFormed(value.S);
      return fitting(value.S, limit);
    }
    if (value.N !== undefined) {
      const text = canonicalDecimalText(value.N);
      if (text === undefined) throw refuseType(value, type);
      return fitting(text, limit);
    }
    if (value.NULL !== undefined) return null;
    if (value.BOOL !== undefined) return fitting(value.BOOL ? "true" : "false", limit);
    if (value.B !== undefined) return fitting(value.B, limit);
    throw refuseType(value, type);
  };
}

/** `parseItem` has refused half surrogate pairs already; here they would be changed in silence, so nothing relies on that. */
export function checkWellFormed(text: string): void {
  if (!isWellFormed(text)) throw new ConversionError("E_ITEM_LONE_SURROGATE", "the text holds half a surrogate pair");
}

function fitting(text: string, limit: number): string {
  if (hasMoreCharactersThan(text, limit)) {
    throw new ConversionError(
      "E_CONVERSION_TOO_LONG",
      `the text has ${countCharacters(text)} characters, more than the column's ${limit}`,
    );
  }
  return text;
}

/** To BYTES: Binary only. Whether a String holds text or base64 would have to be guessed. */
export function compileBytesConverter(type: SizedType, options: ConversionOptions): ValueConverter {
  // A PostgreSQL-dialect bytea has no length of its own.
  const limit = type.length === "MAX" || options.dialect === "postgresql" ? MAX_BYTES_LENGTH : type.length;

  return function toBytes(value) {
    if (value.B !== undefined) {
      const length = base64ByteLength(value.B);
      if (length <= limit) return value.B;
      throw new ConversionError(
        "E_CONVERSION_TOO_LONG",
        `the value has ${length} bytes, more than the column's ${limit}`,
      );
    }
    if (value.NULL !== undefined) return null;
    throw refuseType(value, type);
  };
}

/** To BOOL: Boolean, and a String that is `true` or `false` to the letter. */
export function compileBoolConverter(type: ColumnType): ValueConverter {
  return function toBool(value) {
    if (value.BOOL !== undefined) return value.BOOL;
    if (value.NULL !== undefined) return null;
    if (value.S === undefined) throw refuseType(value, type);
    if (value.S === "true") return true;
    if (value.S === "false") return false;
    throw new ConversionError("E_CONVERSION_NOT_A_BOOL", 'the text is neither "true" nor "false"');
  };
}
