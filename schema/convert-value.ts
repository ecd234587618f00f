import type { ColumnType, ScalarType } from "./column-type";
import { compileArrayConverter } from "./convert-array";
import { compileJsonConverter } from "./convert-json";
import { compileDateConverter, compileTimestampConverter } from "./convert-moment";
import {
  compileFloat32Converter,
  compileFloat64Converter,
  compileInt64Converter,
  compileNumericConverter,
} from "./convert-number";
import { compileBoolConverter, compileBytesConverter, compileStringConverter } from "./convert-text";
import type { ConversionOptions, ValueConverter } from "./value-converter";

/**
 * The conversion of attribute values into a column's type, made once for each column. Which DynamoDB type goes into
 * which Spanner type, and when a value is refused, is the table in docs/mapping.md.
 *
 * Values must have passed `parseItem`. Every conversion is exact, or throws; `options.lossy` permits rounding.
 */
export function compileValueConverter(type: ColumnType, options: ConversionOptions): ValueConverter {
  if (type.kind === "ARRAY") return compileArrayConverter(type, compileScalarConverter(type.element, options));
  return compileScalarConverter(type, options);
}

function compileScalarConverter(type: ScalarType, options: ConversionOptions): ValueConverter {
  switch (type.kind) {
    case "STRING":
      return compileStringConverter(type);
    case "BYTES":
      return compileBytesConverter(type, options);
    case "INT64":
      return compileInt64Converter(type, options);
    case "NUMERIC":
      return compileNumericConverter(type, options);
    case "FLOAT64":
      return compileFloat64Converter(type, options);
    case "FLOAT32":
      return compileFloat32Converter(type, options);
    case "BOOL":
      return compileBoolConverter(type);
    case "DATE":
      return compileDateConverter(type, options);
    case "TIMESTAMP":
      return compileTimestampConverter(type, options);
    case "JSON":
      return compileJsonConverter(options);
  }
}
