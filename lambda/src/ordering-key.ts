import { createHash } from "node:crypto";
import type { AttributeValue } from "aws-lambda";

/**
 * The ordering key of an item's messages: equal for all changes of one item, different for any two items. It is a hash,
 * because a key's value is data and may be longer (2 KB) than the 1,024 bytes that Pub/Sub allows.
 *
 * DynamoDB itself writes key values in one form only (a number without leading or trailing zeros), so the values'
 * text can be compared as it stands. The order of the two key attributes is not defined: they are sorted by name.
 *
 * @param keys the record's `dynamodb.Keys`: one or two attributes of type S, N or B.
 * @returns 43 characters of base64url
 */
export function orderingKey(table: string, keys: Readonly<Record<string, AttributeValue>>): string {
  const attributes = Object.entries(keys)
    .map(([name, value]) => [name, ...Object.entries(value).flat()])
    .sort(([left = ""], [right = ""]) => (left < right ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([table, attributes]))
    .digest("base64url");
}
