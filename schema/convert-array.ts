import type { AttributeValue } from "./attribute-value";
import { compareBase64 } from "./base64-text";
import type { ColumnType } from "./column-type";
import { ConversionError } from "./conversion-error";
import { sortedNumbers } from "./json-text";
import { compareByCodePoints } from "./unicode-text";
import { refuseType, type ValueConverter } from "./value-converter";
import type { WireValue } from "./wire-value";

/**
 * To ARRAY: a List in its order, a Null in it as a NULL element; a set sorted (text by code points, numbers by value,
 * binaries by bytes), so that equal sets give equal arrays.
 */
export function compileArrayConverter(type: ColumnType, convertElement: ValueConverter): ValueConverter {
  return function toArray(value) {
    const elements = elementsOf(value);
    if (elements === undefined) throw refuseType(value, type);
    return elements === null ? null : convertAll(elements, convertElement);
  };
}

/** The elements as values of their own; null for Null, undefined for a type that has no elements. */
function elementsOf(value: AttributeValue): readonly AttributeValue[] | null | undefined {
  if (value.L !== undefined) return value.L;
  if (value.SS !== undefined) return value.SS.toSorted(compareByCodePoints).map((text) => ({ S: text }));
  if (value.NS !== undefined) return sortedNumbers(value.NS).map((number) => ({ N: number }));
  if (value.BS !== undefined) return value.BS.toSorted(compareBase64).map((bytes) => ({ B: bytes }));
  return value.NULL === undefined ? undefined : null;
}

function convertAll(elements: readonly AttributeValue[], convertElement: ValueConverter): readonly WireValue[] {
  const converted: WireValue[] = [];
  try {
    for (const element of elements) converted.push(convertElement(element));
  } catch (error) {
    throw error instanceof ConversionError ? error.inElement(converted.length) : error;
  }
  return converted;
}
