/**
 * A value in the form in which Spanner's API takes it: `google.protobuf.Value` as plain data.
 *
 * INT64, NUMERIC, STRING, DATE, TIMESTAMP, JSON and (as standard base64 with padding) BYTES travel as strings, BOOL as
 * a boolean, FLOAT64 and FLOAT32 as a number (or the strings "NaN", "Infinity", "-Infinity"), arrays as lists.
 * Source: google/spanner/v1/type.proto, `TypeCode`.
 */
export type WireValue = null | boolean | number | string | readonly WireValue[];
