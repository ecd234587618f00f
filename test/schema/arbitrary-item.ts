import fc from "fast-check";
import type { AttributeValue, Item } from "../../schema/attribute-value";
import { canonicalDecimalText } from "../../schema/decimal";

/** Names that trip code which takes records for dictionaries. */
const TRICKY_NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "plan.tier",
  "a[0]",
  "😀",
  "N",
  "S",
];

/** Text without lone surrogates. */
export const anyText = fc.string({ unit: "binary", maxLength: 20 });

export const anyName = fc.oneof(fc.constantFrom(...TRICKY_NAMES), fc.string({ unit: "grapheme", maxLength: 10 }));

/** Numbers as DynamoDB may write them: up to 38 digits, magnitudes from 1E-130 to 9.99…E+125. */
export const anyNumber = fc.oneof(
  { weight: 2, arbitrary: fc.maxSafeInteger().map(String) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.boolean(), fc.stringMatching(/^[1-9]\d{0,36}$/), fc.integer({ min: -130, max: 88 }))
      .map(([negative, digits, exponent]) => `${negative ? "-" : ""}${digits}E${exponent}`),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true, min: -1e100, max: 1e100 }).map(inRange) },
);

/** DynamoDB has no number nearer to zero than 1E-130. */
function inRange(double: number): string {
  return Math.abs(double) < 1e-130 || Object.is(double, -0) ? "0" : String(double);
}

export const anyBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("base64"));

const scalars: readonly fc.Arbitrary<AttributeValue>[] = [
  anyText.map((S) => ({ S })),
  anyNumber.map((N) => ({ N })),
  anyBytes.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
  fc.uniqueArray(anyText, { minLength: 1, maxLength: 5 }).map((SS) => ({ SS })),
  fc.uniqueArray(anyNumber, { minLength: 1, maxLength: 5, selector: canonicalDecimalText }).map((NS) => ({ NS })),
  fc.uniqueArray(anyBytes, { minLength: 1, maxLength: 5 }).map((BS) => ({ BS })),
];

/** Any value that DynamoDB could hold. */
export const { value: anyValue, item: anyItem } = fc.letrec<{ value: AttributeValue; item: Item }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    ...scalars,
    fc.array(tie("value"), { maxLength: 4 }).map((L) => ({ L })),
    tie("item").map((M) => ({ M })),
  ),
  item: fc
    .uniqueArray(fc.tuple(anyName, tie("value")), { maxLength: 4, selector: ([name]) => name })
    // Not Object.fromEntries alone would do: it defines __proto__ as a property of its own, as JSON.parse does.
    .map((entries) => Object.fromEntries(entries)),
}));
