import type { AttributeValue, Item } from "./attribute-value";
import { base64ByteLength } from "./base64-text";
import { parseDecimal } from "./decimal";

/** DynamoDB stores no larger item (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html). */
export const MAX_ITEM_SIZE = 400 * 1024;

/** A List or Map costs this much, whatever it holds, and one byte more for each element. */
const CONTAINER_OVERHEAD = 3;
const ELEMENT_OVERHEAD = 1;

/**
 * Size of an item in bytes by DynamoDB's own rules, which count names and contents, not JSON.
 * AWS calls its rule for numbers approximate.
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html)
 */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return base64ByteLength(value.B);
  if (value.M !== undefined) {
    return CONTAINER_OVERHEAD + itemSize(value.M) + ELEMENT_OVERHEAD * Object.keys(value.M).length;
  }
  if (value.L !== undefined) {
    let size = CONTAINER_OVERHEAD;
    for (const element of value.L) size += valueSize(element) + ELEMENT_OVERHEAD;
    return size;
  }
  if (value.SS !== undefined) return sum(value.SS, Buffer.byteLength);
  if (value.NS !== undefined) return sum(value.NS, numberSize);
  if (value.BS !== undefined) return sum(value.BS, base64ByteLength);
  return 1;
}

/** One byte for two significant digits, and one. */
function numberSize(text: string): number {
  const digits = parseDecimal(text)?.digits.length ?? 0;
  return Math.ceil(digits / 2) + 1;
}

function sum(texts: readonly string[], size: (text: string) => number): number {
  let total = 0;
  for (const text of texts) total += size(text);
  return total;
}
