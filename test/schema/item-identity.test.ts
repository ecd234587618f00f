import { assert } from "chai";
import fc from "fast-check";
import type { AttributeValue } from "../../schema/attribute-value";
import { ConversionError } from "../../schema/conversion-error";
import { compileKeyConverter } from "../../schema/item-converter";
import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import { compileRowIdentity } from "../../schema/row-identity";

const KEY_TYPES = ["STRING(MAX)", "BYTES(MAX)", "INT64", "FLOAT64", "FLOAT32", "NUMERIC", "BOOL", "DATE", "TIMESTAMP"];

/** Texts that mean the same to a careless reader, and others. */
const TEXTS = [
  ..."1 01 1.0 1.50 1.5 -1 +1 1e0 0 -0 0.0 -0.0 .5 0.5 true TRUE false 0.1 0.10 16777217 16777216".split(" "),
  ..."2024-02-29 2024-2-29 2024-02-29T00:00:00Z 2024-02-29T00:00:00.0Z 2024-02-29T00:00:00.000Z".split(" "),
  ..."2024-02-29t00:00:00z 2024-02-29T01:00:00+01:00 2024-02-28T23:00:00-01:00 2024-02-29T00:00:00+00:00".split(" "),
  ..."2024-02-29T00:00:00-00:00 2024-02-29T00:00:00.5Z 2024-02-29T00:00:00.50Z é e\u0301 A# A".split(" "),
];
const NUMBERS = "1 2 -1 0 10 100 0.1 0.3 1.5 16777217 16777216 9007199254740993 9007199254740992 1709164800".split(" ");
const BINARIES = ["", "AA==", "AQ==", "QQ==", "Qw=="];

function planWithKey(type: string, options: object = {}): MigrationPlan {
  const mapping = {
    source: { table: "T", partitionKey: "PK" },
    tables: [{ name: "A", primaryKey: ["Key"], columns: { Key: { type, from: "PK", ...options } } }],
  };
  return planMigration(parseMapping(JSON.stringify(mapping), "mapping.json"));
}

/** Which of the attribute values become a row, and the row's identity. */
function rowsOf(plan: MigrationPlan, values: readonly AttributeValue[]): ReadonlyMap<AttributeValue, string> {
  const convert = compileKeyConverter(plan);
  const identify = compileRowIdentity(plan);
  const rows = new Map<AttributeValue, string>();
  for (const value of values) {
    try {
      const outcome = convert({ PK: value });
      if (outcome.kind === "key") rows.set(value, identify(outcome.table, outcome.key));
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
    }
  }
  return rows;
}

function assertNoneShared(rows: ReadonlyMap<AttributeValue, string>): void {
  const owners = new Map<string, AttributeValue>();
  for (const [value, row] of rows) {
    const other = owners.get(row);
    assert.isUndefined(other, `${JSON.stringify(other)} and ${JSON.stringify(value)} share the row ${row}`);
    owners.set(row, value);
  }
}

describe("two items never share a row", () => {
  for (const type of KEY_TYPES) {
    it(`with a key of type ${type}, whatever the type of the key attribute`, () => {
      assertNoneShared(
        rowsOf(
          planWithKey(type),
          TEXTS.map((S) => ({ S })),
        ),
      );
      assertNoneShared(
        rowsOf(
          planWithKey(type),
          NUMBERS.map((N) => ({ N })),
        ),
      );
      assertNoneShared(
        rowsOf(
          planWithKey(type),
          BINARIES.map((B) => ({ B })),
        ),
      );
    });

    it(`with a key of type ${type} that takes a part of the text`, () => {
      const plan = planWithKey(type, { match: "^P#(.+)$" });
      assertNoneShared(
        rowsOf(
          plan,
          TEXTS.map((text) => ({ S: `P#${text}` })),
        ),
      );
    });
  }

  it("with a time of any unit", () => {
    for (const epoch of ["seconds", "milliseconds", "microseconds", "nanoseconds"]) {
      assertNoneShared(
        rowsOf(
          planWithKey("TIMESTAMP", { epoch }),
          NUMBERS.map((N) => ({ N })),
        ),
      );
      assertNoneShared(
        rowsOf(
          planWithKey("DATE", { epoch }),
          NUMBERS.map((N) => ({ N })),
        ),
      );
    }
  });

  it("with any text as key", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 3 })), (texts) => {
        assertNoneShared(
          rowsOf(
            planWithKey("STRING(MAX)"),
            texts.map((S) => ({ S })),
          ),
        );
        assertNoneShared(
          rowsOf(
            planWithKey("BYTES(MAX)"),
            texts.map((S) => ({ S })),
          ),
        );
      }),
    );
  });
});
