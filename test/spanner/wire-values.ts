import fc from "fast-check";
import type { ColumnType, ScalarType } from "../../schema/column-type";
import type { WireValue } from "../../schema/wire-value";

/** Values of each column type, in the form in which the converter hands them to the encoder. */

/** Lengths around which the number of length bytes changes, for values and for what holds them. */
const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc
    .tuple(fc.constantFrom("a", "é", "€", "𝄞", "\u0000", "\u2028"), fc.integer({ min: 0, max: 260 }))
    .map(([unit, length]) => unit.repeat(length)),
  fc
    .tuple(fc.constantFrom("a", "é"), fc.constantFrom(39, 40, 41, 42, 43, 62, 63, 64, 8188, 8192, 16379, 16384))
    .map(([unit, length]) => unit.repeat(length)),
);
const digits = (max: number): fc.Arbitrary<string> => fc.bigInt({ min: 0n, max: 10n ** BigInt(max) - 1n }).map(String);
const signs = fc.constantFrom("", "-");
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const numeric = fc
  .tuple(signs, digits(29), fc.option(digits(9), { nil: undefined }))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}`);
const date = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((value) => value.toISOString());
const bytes = fc.uint8Array({ maxLength: 200 }).map((value) => Buffer.from(value).toString("base64"));
const float = fc.double().map((value): WireValue => (Number.isFinite(value) ? value : String(value)));

const scalarValues: Readonly<Record<ScalarType["kind"], fc.Arbitrary<WireValue>>> = {
  STRING: texts,
  BYTES: bytes,
  INT64: int64,
  FLOAT64: float,
  FLOAT32: float,
  NUMERIC: numeric,
  BOOL: fc.boolean(),
  DATE: date.map((text) => text.slice(0, 10)),
  TIMESTAMP: fc
    .tuple(date, fc.option(digits(9), { nil: undefined }))
    .map(([text, fraction]) => `${text.slice(0, 19)}${fraction === undefined ? "" : `.${fraction}`}Z`),
  JSON: fc.json(),
};

const scalarTypes = fc.constantFrom(
  ...(Object.keys(scalarValues) as ScalarType["kind"][]).map(
    (kind): ScalarType => (kind === "STRING" || kind === "BYTES" ? { kind, length: "MAX" } : { kind }),
  ),
);

export const columnTypes: fc.Arbitrary<ColumnType> = fc.oneof(
  { weight: 3, arbitrary: scalarTypes },
  { weight: 1, arbitrary: scalarTypes.map((element) => ({ kind: "ARRAY", element }) as const) },
);

export function valuesOf(type: ColumnType): fc.Arbitrary<WireValue> {
  const values = type.kind === "ARRAY" ? fc.array(valuesOf(type.element), { maxLength: 40 }) : scalarValues[type.kind];
  return fc.option(values, { nil: null, freq: 8 });
}

export interface TypedRows {
  readonly types: readonly ColumnType[];
  readonly rows: readonly (readonly WireValue[])[];
}

export const typedRows: fc.Arbitrary<TypedRows> = fc.array(columnTypes, { minLength: 1, maxLength: 6 }).chain((types) =>
  fc.record({
    types: fc.constant(types),
    rows: fc.array(fc.tuple(...types.map(valuesOf)), { maxLength: 5 }),
  }),
);
