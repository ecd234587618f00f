import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import { type ValueMaker, valueMakers } from "./tricky-lines";

const { text, number, decimal, binary, bool, textSet, numberSet, binarySet, nested, listOf } = valueMakers;

interface TestColumn {
  readonly mapping: object;
  readonly make: ValueMaker;
}

const column = (type: string, make: ValueMaker, more: object = {}): TestColumn => ({
  mapping: { type, ...more },
  make,
});

const OTHERS: Readonly<Record<string, TestColumn>> = {
  Int: column("INT64", number),
  Float: column("FLOAT64", decimal),
  Rounded: column("FLOAT64", number, { lossy: true }),
  Numeric: column("NUMERIC", decimal),
  Flag: column("BOOL", bool),
  Day: column("DATE", text),
  Moment: column("TIMESTAMP", text),
  Seconds: column("TIMESTAMP", number, { epoch: "seconds" }),
  Millis: column("TIMESTAMP", number, { epoch: "milliseconds" }),
  Micros: column("TIMESTAMP", number, { epoch: "microseconds" }),
  Nanos: column("TIMESTAMP", number, { epoch: "nanoseconds" }),
  Text: column("STRING(MAX)", text),
  Short: column("STRING(5)", text),
  Digits: column("STRING(12)", number),
  Bytes: column("BYTES(MAX)", binary),
  Few: column("BYTES(3)", binary),
  Document: column("JSON", nested),
  AnyDocument: column("JSON", text),
  Number: column("JSON", decimal),
  Texts: column("ARRAY<STRING(MAX)>", textSet),
  ShortTexts: column("ARRAY<STRING(5)>", listOf(text)),
  Numbers: column("ARRAY<NUMERIC>", numberSet),
  Ints: column("ARRAY<INT64>", numberSet),
  Floats: column("ARRAY<FLOAT64>", listOf(decimal)),
  Blobs: column("ARRAY<BYTES(MAX)>", binarySet),
  Days: column("ARRAY<DATE>", listOf(text)),
  Moments: column("ARRAY<TIMESTAMP>", listOf(text)),
  Flags: column("ARRAY<BOOL>", listOf(bool)),
  Documents: column("ARRAY<JSON>", listOf(nested)),
};

/** One column of a type in a table of its own, so that what is unusual in one hides nothing of another. */
export interface TestTable {
  readonly title: string;
  readonly mapping: object;
  readonly plan: MigrationPlan;
  readonly attributes: ReadonlyMap<string, ValueMaker>;
}

export const testTables: readonly TestTable[] = [
  ...Object.entries(OTHERS).map(([name, each]) =>
    testTable(`${name} ${JSON.stringify(each.mapping)}`, ["Key"], { Key: column("STRING(1024)", text), [name]: each }),
  ),
  ...["INT64", "NUMERIC", "FLOAT64"].map((type) => testTable(`key ${type}`, ["Key"], { Key: column(type, number) })),
  ...["DATE", "TIMESTAMP", "STRING(MAX)"].map((type) => testTable(`key ${type}`, ["Key"], { Key: column(type, text) })),
  testTable("key BYTES", ["Key"], { Key: column("BYTES(MAX)", binary) }),
  testTable("two key columns, one NOT NULL, one attribute twice", ["Key", "Sort"], {
    Key: column("STRING(MAX)", text),
    Sort: column("INT64", number),
    Needed: column("STRING(MAX)", text, { notNull: true }),
    Again: column("JSON", text, { from: "Needed" }),
  }),
  testTable("every type", ["Key"], { Key: column("STRING(1024)", text), ...OTHERS }),
];

function testTable(
  title: string,
  primaryKey: readonly string[],
  columns: Readonly<Record<string, TestColumn>>,
): TestTable {
  const [partitionKey, sortKey] = primaryKey;
  const mapping = {
    source: { table: "T", partitionKey, ...(sortKey === undefined ? {} : { sortKey }) },
    tables: [
      {
        name: "T",
        primaryKey,
        columns: Object.fromEntries(Object.entries(columns).map(([name, each]) => [name, each.mapping])),
      },
    ],
  };
  const attributes = Object.entries(columns).filter(([, { mapping: own }]) => !("from" in own));
  return {
    title,
    mapping,
    plan: planMigration(parseMapping(JSON.stringify(mapping), "mapping.json")),
    attributes: new Map(attributes.map(([name, { make }]) => [name, make])),
  };
}
