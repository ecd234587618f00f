import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseItem } from "../../schema/attribute-value";
import type { Dialect } from "../../schema/column-type";
import { ConversionError } from "../../schema/conversion-error";
import { compileItemConverter } from "../../schema/item-converter";
import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import type { WireValue } from "../../schema/wire-value";

type Expected = { readonly dialect?: Dialect } & (
  | { readonly table: string; readonly row: Readonly<Record<string, WireValue>> }
  | { readonly filtered: true }
  | {
      readonly error: string;
      readonly table?: string;
      readonly column?: string;
      readonly attribute?: string;
      readonly message?: string;
    }
);

const folder = join(process.cwd(), "test/cases/conversion");

function read(name: string, file: string): string {
  return readFileSync(join(folder, name, file), "utf8");
}

/** The outcome in the form of expected.json, so that a difference shows as one. */
function outcome(plan: MigrationPlan, item: unknown, expected: Expected): unknown {
  const dialect = expected.dialect === undefined ? {} : { dialect: expected.dialect };
  try {
    const result = compileItemConverter(plan, dialect)(parseItem(item));
    if (result.kind === "filtered") return { ...dialect, filtered: true };
    const table = plan.tables[result.table];
    const row = Object.fromEntries(result.values.map((value, at) => [table?.columns[at]?.name, value]));
    return { ...dialect, table: table?.name, row };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const { code, table, column, attribute } = error;
    const place = { ...(table && { table }), ...(column && { column }), ...(attribute && { attribute }) };
    const message =
      "message" in expected && error.message.includes(expected.message ?? "") ? expected.message : error.message;
    return { ...dialect, error: code, ...place, ...("message" in expected && { message }) };
  }
}

describe("test/cases/conversion", () => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of names) {
    it(name.replaceAll("-", " "), () => {
      const plan = planMigration(
        parseMapping(read(name, "mapping.json"), `test/cases/conversion/${name}/mapping.json`),
      );
      const expected: Expected = JSON.parse(read(name, "expected.json"));
      expect(outcome(plan, JSON.parse(read(name, "item.json")), expected)).to.deep.equal(expected);
    });
  }
});
