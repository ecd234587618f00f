import type { Random } from "../../scripts/fake-data/random";

/** Texts of Numbers, some of them none: at the edges of types, in other spellings, too long. */
const NUMBERS = [
  ..."0 -0 1 -1 7 -42 1000 007 00 1.0 1.50 -1.5 0.1 -0.1 0.0 -0.0 0.000001 0.0000001 0.0000012 0.00000012 1e5 1E-7".split(
    " ",
  ),
  ..."9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 9999999999999999999".split(" "),
  ..."1234567890123456789 18446744073709551615 18446744073709551616 999999999999999 1234567890123456".split(" "),
  ..."123456789012345678 0.123456789012345 0.1234567890123456 13.7391432 123456789.123456 1234567890.123456789".split(
    " ",
  ),
  "99999999999999999999999999999.999999999",
  "100000000000000000000000000000",
  "0.0000000001",
  "0.1234567891",
  "12345678901234567890123456789012345678",
  "123456789012345678901234567890123456789",
  "1234567890123456789012345678901234567800",
  "0.00000000000000000000000000000000000001",
  ...["+5", ".5", "5.", "", "-", "NaN", "Infinity", "1e400", "0x10", " 1", "1 ", "1,5", "１"],
  ...["1704067200", "-62135596800", "-62135596801", "253402300799", "253402300800", "1704067200123", "1.5e9"],
];

const TEXTS = [
  ...["", "a", "true", "false", "null", "1", "ä", "äöüßé", "😀", "😀😀😀😀😀", "😀😀😀😀😀😀", "abcde", "abcdef", "ÿ"],
  ...['a"b', "back\\slash", "tab\t", "line\n", "\r", "\b\f", "\u0000", "\u001f", "\u007f", "\u2028", "\ufeff", "/"],
  ...["2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "2024-13-01", "2024-1-01", "2024-00-10"],
  ...["2024-02-29T00:00:00Z", "2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z", "2024-02-29T12:34:56.000Z"],
  ...["2024-02-29T12:34:56.123456789Z", "2024-02-29T12:34:56.1234567891Z", "2024-02-29T12:34:56+01:00"],
  ...[
    "2024-02-29t12:34:56z",
    "2024-02-29T24:00:00Z",
    "2024-02-29T12:34:60Z",
    "2024-02-29T12:34:56.Z",
    "2024-02-30T12:34:56Z",
  ],
  ...["2024-02-29T12:34:56", "9999-12-31T23:59:59.999999999Z", "2024-02-29T12:60:00Z", "2024-02-29 12:34:56Z"],
  "x".repeat(41),
  "x".repeat(42),
  "x".repeat(124),
  "x".repeat(125),
  "x".repeat(126),
  "x".repeat(127),
  "é".repeat(63),
  "x".repeat(5000),
  '"'.repeat(130),
  "😀".repeat(4100),
  "x".repeat(20_000),
];

const BINARIES = [
  "",
  "AP8=",
  "AP9=",
  "AP8",
  "QUJD",
  "QQ==",
  "QR==",
  "Q===",
  "QUJ=",
  "++//",
  "--__",
  "QUJDRA==",
  "QUJDRE==",
  "Q Q=",
];

const NAMES = [
  "a",
  "b",
  "",
  "N",
  "S",
  "__proto__",
  "constructor",
  "0",
  "1",
  "10",
  "01",
  "ä",
  'quo"te',
  "a.b",
  "a",
  "long".repeat(20),
];

type Json = unknown;

/** What a column may be given: made for its type or not. */
export type ValueMaker = (random: Random) => Json;

const text: ValueMaker = (random) => ({ S: random.pick(TEXTS) });
const number: ValueMaker = (random) => ({
  N: random.chance(0.5)
    ? random.pick(NUMBERS)
    : `${random.chance(0.3) ? "-" : ""}${random.integer(10 ** random.integer(9))}`,
});
const decimal: ValueMaker = (random) => ({
  N: `${random.integer(10 ** random.integer(9))}.${random.integer(10 ** random.integer(9))}`,
});
const binary: ValueMaker = (random) => ({
  B: random.chance(0.5) ? random.pick(BINARIES) : random.bytes(random.integer(9)).toString("base64"),
});
const bool: ValueMaker = (random) => ({ BOOL: random.chance(0.5) });
const nothing: ValueMaker = () => ({ NULL: true });
const several = (random: Random, make: () => Json): Json[] => Array.from({ length: random.integer(5) }, make);
const textSet: ValueMaker = (random) => ({ SS: several(random, () => random.pick(TEXTS)) });
const numberSet: ValueMaker = (random) => ({
  NS: several(random, () => (random.chance(0.3) ? random.pick(NUMBERS) : String(random.integer(1000) - 500))),
});
const binarySet: ValueMaker = (random) => ({ BS: several(random, () => (binary(random) as { B: string }).B) });
const listOf =
  (make: ValueMaker): ValueMaker =>
  (random) => ({ L: several(random, () => (random.chance(0.1) ? nothing(random) : make(random))) });

const nested: ValueMaker = (random) => {
  const make = random.pick([text, number, decimal, binary, bool, nothing, textSet, numberSet, binarySet, nested]);
  if (random.chance(0.5)) return { L: several(random, () => make(random)) };
  return { M: Object.fromEntries(several(random, () => [random.pick(NAMES), make(random)]) as [string, Json][]) };
};

const anything: ValueMaker = (random) =>
  random.pick([text, number, decimal, binary, bool, nothing, textSet, numberSet, binarySet, nested, odd])(random);

/** No value of DynamoDB. */
const odd: ValueMaker = (random) =>
  random.pick<Json>([
    {},
    null,
    1,
    "text",
    { S: 1 },
    { N: 1 },
    { BOOL: "true" },
    { NULL: false },
    { S: "a", N: "1" },
    { X: "a" },
    { SS: [] },
    { SS: ["a", "a"] },
    { NS: ["1", "1.0"] },
    { L: {} },
    { M: [] },
    { B: "*" },
  ]);

/** By what the column takes. */
export const valueMakers = {
  text,
  number,
  decimal,
  binary,
  bool,
  textSet,
  numberSet,
  binarySet,
  nested,
  listOf,
} as const;

/** A line of an export with some of the attributes, mostly of the type asked for, in any order. */
export function trickyLine(random: Random, attributes: ReadonlyMap<string, ValueMaker>): string {
  const entries: string[] = [];
  const absentShare = random.pick([0.15, 0.9]);
  for (const [name, make] of attributes) {
    if (name !== "Key" && random.chance(absentShare)) continue;
    const value = random.chance(0.97) ? make(random) : anything(random);
    const entry = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    if (random.chance(0.5)) entries.push(entry);
    else entries.unshift(entry);
  }
  return `{"Item":{${entries.join(",")}}}`;
}

const FRAGMENTS = [
  ...[
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\t",
    "\r",
    "0",
    "1",
    "9",
    "-",
    ".",
    "e",
    "E",
    "+",
    "Z",
    "T",
    "=",
    "/",
    "_",
  ],
  ...[
    "\\u0041",
    "\\u00e9",
    "\\ud800",
    "\\/",
    "\\n",
    "\\x",
    "\\",
    "\u00e9",
    "\u2028",
    "\ud83d\ude00",
    "\u0000",
    "\u001f",
    "\u007f",
  ],
  ...[
    '{"S":"x"}',
    '{"N":"1"}',
    '{"NULL":true}',
    ',"Key":{"S":"k"}',
    '"Item":',
    "true",
    "false",
    "null",
    ',{"S":"y"}',
    '"":',
  ],
  ...["S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL", "}}", "]]", ",,", '""'],
];

/** The line with one to three small changes: a piece more, less, twice, elsewhere, or other bytes. Never with a newline. */
export function mutate(random: Random, line: Buffer): Buffer {
  let mutated = line;
  for (let times = 1 + random.integer(3); times > 0; times--) mutated = mutateOnce(random, mutated);
  return Buffer.from(mutated.map((byte) => (byte === 0x0a ? 0x20 : byte)));
}

function mutateOnce(random: Random, line: Buffer): Buffer {
  const at = random.integer(line.length + 1);
  const length = random.chance(0.7) ? 1 + random.integer(3) : random.integer(40);
  const end = Math.min(at + length, line.length);
  const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
  switch (random.integer(6)) {
    case 0:
      return join(line.subarray(0, at), line.subarray(end));
    case 1:
      return join(line.subarray(0, at), Buffer.from(random.pick(FRAGMENTS)), line.subarray(at));
    case 2:
      return join(line.subarray(0, at), Buffer.from(random.pick(FRAGMENTS)), line.subarray(end));
    case 3:
      return join(line.subarray(0, end), line.subarray(at));
    case 4: {
      const to = random.integer(line.length + 1);
      return join(line.subarray(0, to), line.subarray(at, end), line.subarray(to));
    }
    default:
      return join(line.subarray(0, at), Buffer.from([random.integer(256)]), line.subarray(end));
  }
}
