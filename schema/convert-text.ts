import { base64ByteLength } from "./base64-text";
import { type ColumnType, MAX_BYTES_LENGTH, MAX_STRING_LENGTH, type ScalarType } from "./column-type";
import { ConversionError } from "./conversion-error";
import { canonicalDecimalText } from "./decimal";
import { checkStorableText } from "./storable-text";
import { countCharacters, hasMoreCharactersThan } from "./unicode-text";
import { type ConversionOptions, refuseType, type ValueConverter } from "./value-converter";

type SizedType = Extract<ScalarType, { kind: "STRING" | "BYTES" }>;

/** To STRING: String as it is, Number as plain decimal text, Boolean as `true` or `false`, Binary as base64. */
export function compileStringConverter(type: SizedType, options: ConversionOptions): ValueConverter {
  const limit = type.length === "MAX" ? MAX_STRING_LENGTH : type.length;
  const dialect = options.dialect ?? "googlesql";

  return function toText(value) {
    if (value.S !== undefined) {
      checkStorableText(value.S, dialect);
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
