import fc from "fast-check";
import type { AttributeValue, Item } from "../../../schema/attribute-value";
import { canonicalDecimalText } from "../../../schema/decimal";
import type { SourceKey } from "../../../schema/profile/item-profile";
import { anyBytes, anyName, anyNumber, anyText, anyValue } from "../arbitrary-item";

/** The items of a made-up DynamoDB table. No two have the same key. */
export interface ArbitraryTable {
  readonly key: SourceKey;
  readonly items: readonly Item[];
}

type KeyTag = "S" | "N" | "B";

/** Texts that look like something more than text, some nearly. */
const telling = fc.constantFrom(
  "2024-02-29",
  "2023-02-29",
  "0001-01-01",
  "2024-02-29T00:00:00Z",
  "2024-02-29T23:59:59.123456789+14:00",
  "2024-02-29T23:59:60Z",
  "2024-02-29T00:00:00.1234567891Z",
  "9999-12-31T23:59:59.999999999-01:00",
  "12",
  "012",
  "-0",
  "true",
  "f47ac10b-58cc-4372-a567-0e02b2c3d479",
  "f47ac10b-58cc-4372-a567-0e02b2c3d47",
  '{"a":1}',
  "AAECAwQFBgcICQoLDA0ODw==",
  "\u0000",
  "",
);

/** Numbers on either side of what a column type takes. */
const edges = fc.constantFrom(
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "0.1",
  "0.0000000001",
  "99999999999999999999999999999.999999999",
  "100000000000000000000000000000",
  "3.1415926535897932384626433832795028841",
  "1E+125",
  "1E-130",
  "1700000000",
  "1700000000000",
  "1700000000.5",
  "4133980799",
  "-0",
  "1.0",
);

const textValue = fc.oneof(telling, anyText).map((S): AttributeValue => ({ S }));
const numberValue = fc
  .oneof(edges, anyNumber, fc.integer({ min: 1_600_000_000, max: 1_800_000_000 }).map(String))
  .map((N): AttributeValue => ({ N }));
const nullValue = fc.constant<AttributeValue>({ NULL: true });

/** Values as one attribute of a table has them: mostly of one type, now and then of any. */
const columnValues: fc.Arbitrary<fc.Arbitrary<AttributeValue>> = fc.constantFrom(
  textValue,
  telling.map((S): AttributeValue => ({ S })),
  numberValue,
  edges.map((N): AttributeValue => ({ N })),
  fc.integer({ min: -5, max: 5 }).map((value): AttributeValue => ({ N: String(value) })),
  fc.oneof(textValue, nullValue),
  fc.oneof(numberValue, nullValue),
  fc.oneof(numberValue, textValue),
  anyBytes.map((B): AttributeValue => ({ B })),
  fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
  fc.array(numberValue, { maxLength: 3 }).map((L): AttributeValue => ({ L })),
  fc.array(fc.oneof(textValue, nullValue), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
  fc.record({ a: numberValue, "b.c": textValue }).map((M): AttributeValue => ({ M })),
  fc
    .array(
      fc.record({ a: anyValue }).map((M): AttributeValue => ({ M })),
      { maxLength: 2 },
    )
    .map((L) => ({ L })),
  anyValue,
);

const attributeName = fc.oneof(
  anyName,
  fc.constantFrom(
    "createdAt",
    "ttl",
    "name",
    "Name",
    "NAME",
    "select",
    "OtherAttributes",
    "otherattributes",
    "SequenceNumber",
    "CustomerId",
    "OrderId",
    "customerid",
    "KeyId",
    "a_b",
    "a-b",
    "A.B",
    "aws:rep:deleting",
    "0",
    "_",
    "ä",
    `${"😀.".repeat(51)}`,
    "x".repeat(255),
    `${"x".repeat(254)}y`,
  ),
);

const variable = fc.oneof(
  fc.nat(30).map(String),
  fc.constantFrom("c-1", "a.b", "x y", "\n", "ä😀", "LINE", "Line", "order", "2024-01-02", "*", "(", "#", "|", ":", ""),
  fc.uuid(),
  anyText,
);

/** Templates of keys: fixed words, and `*` for what varies. */
const template = fc.oneof(
  fc.constantFrom(
    "*",
    "CUSTOMER#*",
    "PROFILE",
    "METADATA",
    "ORDER#*",
    "ORDER#*#LINE#*",
    "ORDER#*#LINE#*#TAX#*",
    "#META#*",
    "order|*",
    "A:*:b:*",
    "CUSTOMER#*#PROFILE",
    "customer#*",
    "Customer#*",
    "CUSTOMERS#*",
    "select#*",
    "VERSIONS#*",
    "CUSTOMERS_VERSIONS#*",
    "EU#SALES#*",
    `${"LONGWORD_".repeat(4)}#*`,
  ),
  fc
    .array(fc.constantFrom("ORDER", "Line", "x", "", "*", "*", "17", "META_", "-a"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join("#")),
);

function fill(form: string): fc.Arbitrary<string> {
  const pieces = form.split("*");
  return fc
    .array(variable, { minLength: pieces.length - 1, maxLength: pieces.length - 1 })
    .map((parts) => pieces.map((piece, at) => piece + (parts[at] ?? "")).join(""));
}

function keyValue(tag: KeyTag, forms: readonly string[]): fc.Arbitrary<AttributeValue> {
  if (tag === "N") return numberValue;
  if (tag === "B") return anyBytes.filter((B) => B !== "").map((B) => ({ B }));
  return fc.oneof(...forms.map(fill)).map((S) => ({ S: S === "" ? "empty" : S }));
}

function identity(value: AttributeValue | undefined): string {
  return value?.N === undefined ? JSON.stringify(value ?? null) : (canonicalDecimalText(value.N) ?? value.N);
}

const keyTag = fc.constantFrom<KeyTag>("S", "S", "S", "S", "N", "B");
const keyNames = fc.oneof(
  fc.constant(["PK", "SK"] as const),
  fc
    .uniqueArray(attributeName, { minLength: 2, maxLength: 2 })
    .filter((names) => names.every((name) => name !== "" && !name.startsWith("aws:rep:")))
    .map(([partition = "", sort = ""]) => [partition, sort] as const),
);

interface Design {
  readonly names: readonly [string, string];
  readonly tags: readonly [KeyTag, KeyTag];
  readonly hasSort: boolean;
  readonly forms: readonly (readonly [string, string])[];
  readonly columns: readonly (readonly [string, fc.Arbitrary<AttributeValue>])[];
}

const design: fc.Arbitrary<Design> = fc.record({
  names: keyNames,
  tags: fc.tuple(keyTag, keyTag),
  hasSort: fc.boolean(),
  forms: fc.array(fc.tuple(template, template), { minLength: 1, maxLength: 4 }),
  columns: fc.uniqueArray(fc.tuple(attributeName, columnValues), { maxLength: 8, selector: ([name]) => name }),
});

/** Tables of random design: keys with and without patterns, and attributes that most, some or few items have. */
export const arbitraryTable: fc.Arbitrary<ArbitraryTable> = design.chain(({ names, tags, hasSort, forms, columns }) => {
  const [partitionKey, sortKey] = names;
  const oneItem = fc.constantFrom(...forms).chain(([partition, sort]) =>
    fc
      .tuple(
        keyValue(tags[0], [partition]),
        keyValue(tags[1], [sort]),
        fc.tuple(...columns.map(([, value]) => fc.option(value, { nil: undefined, freq: 4 }))),
      )
      .map(([partitionValue, sortValue, values]): Item => {
        const attributes = columns.flatMap(([name], at) => {
          const value = values[at];
          return value === undefined ? [] : [[name, value] as const];
        });
        const sortEntry = hasSort ? [[sortKey, sortValue] as const] : [];
        return Object.fromEntries([...attributes, [partitionKey, partitionValue] as const, ...sortEntry]);
      }),
  );
  return fc
    .uniqueArray(oneItem, {
      minLength: 1,
      maxLength: 25,
      selector: (item) => `${identity(item[partitionKey])} ${hasSort ? identity(item[sortKey]) : ""}`,
    })
    .map((items) => ({ key: hasSort ? { partitionKey, sortKey } : { partitionKey }, items }));
});
