import { formatPath } from "./attribute-path";
import { type AttributeValue, attributeOf, type Item, tagName } from "./attribute-value";
import { type ColumnType, type Dialect, formatColumnType } from "./column-type";
import { ConversionError } from "./conversion-error";
import { compileValueConverter } from "./convert-value";
import { canonicalDecimalText } from "./decimal";
import { isOnlyKeyText } from "./key-text";
import { compileMatchPattern } from "./match-pattern";
import type { ColumnPlan, PathSegment } from "./migration-plan";
import type { ValueConverter } from "./value-converter";
import type { WireValue } from "./wire-value";

/** A column that is filled from an attribute, made ready for many items. */
export interface ColumnReader {
  readonly name: string;
  readonly path: readonly PathSegment[];
  readonly pattern: RegExp | undefined;
  readonly convert: ValueConverter;
  /** The column's type if it is in the primary key. */
  readonly keyType: ColumnType | undefined;
}

export function compileColumnReader(
  column: ColumnPlan,
  source: { readonly path: readonly PathSegment[]; readonly match?: string },
  dialect: Dialect,
  isKey: boolean,
): ColumnReader {
  const options = column.epoch === undefined ? {} : { epoch: column.epoch };
  return {
    name: column.name,
    path: source.path,
    pattern: source.match === undefined ? undefined : compileMatchPattern(source.match),
    convert: compileValueConverter(column.type, { ...options, lossy: column.lossy, dialect }),
    keyType: isKey ? column.type : undefined,
  };
}

/**
 * The value of a column for one item; null if the attribute is absent or Null.
 * @throws ConversionError with column and attribute
 */
export function readColumn(reader: ColumnReader, item: Item): WireValue {
  try {
    const value = followPath(item, reader.path);
    if (value === undefined || value.NULL !== undefined) return null;
    const source = reader.pattern === undefined ? value : firstGroup(value, reader.pattern);
    const converted = reader.convert(source);
    if (reader.keyType !== undefined && source.S !== undefined) refuseSharedKey(reader.keyType, source.S, converted);
    return converted;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw error.at({ column: reader.name, attribute: formatPath(reader.path) });
  }
}

function refuseSharedKey(type: ColumnType, text: string, value: WireValue): void {
  if (isOnlyKeyText(type, text, value)) return;
  throw new ConversionError(
    "E_CONVERSION_KEY_SHARED",
    `another text becomes the same ${formatColumnType(type)}, so two items could share this row`,
  );
}

/**
 * The value at the end of a path. A missing entry, an index behind a List's end and a Null on the way mean that the
 * value is absent; anything else on the way that is no Map (for a name) or List (for an index) is an error.
 */
function followPath(item: Item, path: readonly PathSegment[]): AttributeValue | undefined {
  let value = attributeOf(item, path[0] as string);
  for (let at = 1; at < path.length; at += 1) {
    if (value === undefined || value.NULL !== undefined) return undefined;
    value = step(value, path, at);
  }
  return value;
}

function step(value: AttributeValue, path: readonly PathSegment[], at: number): AttributeValue | undefined {
  const segment = path[at];
  if (typeof segment === "number") {
    if (value.L !== undefined) return value.L[segment];
  } else if (segment !== undefined && value.M !== undefined) {
    return attributeOf(value.M, segment);
  }
  const wanted = typeof segment === "number" ? "a List (L)" : "a Map (M)";
  throw new ConversionError(
    "E_CONVERSION_PATH",
    `${formatPath(path.slice(0, at))} is a ${tagName(value)}, not ${wanted} for the path to go on`,
  );
}

/** What the first capture group takes of a String's or a Number's text, as a String. */
function firstGroup(value: AttributeValue, pattern: RegExp): AttributeValue {
  const text = value.S ?? (value.N === undefined ? undefined : canonicalDecimalText(value.N));
  if (text === undefined) {
    throw new ConversionError("E_CONVERSION_TYPE", `match applies to text, not to a ${tagName(value)}`);
  }
  const group = pattern.exec(text)?.[1];
  if (group === undefined)
    throw new ConversionError("E_CONVERSION_NO_MATCH", `the text does not match ${pattern.source}`);
  return { S: group };
}
