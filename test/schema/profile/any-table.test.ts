import { expect } from "chai";
import fc from "fast-check";
import type { Item } from "../../../schema/attribute-value";
import type { Dialect } from "../../../schema/column-type";
import { ConversionError } from "../../../schema/conversion-error";
import { ddlStatements } from "../../../schema/ddl";
import { compileItemConverter } from "../../../schema/item-converter";
import { parseMapping } from "../../../schema/mapping";
import { planMigration } from "../../../schema/plan-migration";
import type { Proposal } from "../../../schema/profile/propose-mapping";
import { arbitraryTable } from "./arbitrary-table";
import { type GatherOptions, propose } from "./gather";

const RUNS = process.env["LONG_TESTS"] === undefined ? 1_000 : 50_000;

const gathering = fc.record({
  dialect: fc.constantFrom<Dialect>("googlesql", "postgresql"),
  parts: fc.integer({ min: 1, max: 3 }),
  maxPaths: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 3 }),
  examples: fc.boolean(),
});

describe("The mapping proposed for a table of any design", function () {
  this.timeout(3_600_000);

  it(`takes every item, each into a row of its own (${RUNS} tables)`, () => {
    let byPatterns = 0;
    fc.assert(
      fc.property(arbitraryTable, gathering, ({ key, items }, { maxPaths, dialect, ...rest }) => {
        // JSONB has no U+0000: where it must be kept in JSON, nothing can be proposed.
        const held = JSON.stringify(items).includes("\\u0000") ? "googlesql" : dialect;
        const bound = maxPaths === undefined ? {} : { maxPaths };
        const options: GatherOptions = { key, ...rest, dialect: held, ...bound };
        const { rows, tables } = rowsByPatternOrWhole(items, options);
        expect(rows.size).to.equal(items.length);
        if (tables > 1) byPatterns += 1;
      }),
      { numRuns: RUNS },
    );
    // Otherwise the property would say little of single-table designs.
    expect(byPatterns).to.be.above(RUNS / 10);
  });
});

/** As `profile` does: what the proof refuses is proposed anew, with one table for all. */
function rowsByPatternOrWhole(items: readonly Item[], options: GatherOptions) {
  const proposal = propose(items, options);
  try {
    return { rows: identitiesOf(items, proposal, options), tables: proposal.tables.length };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return { rows: identitiesOf(items, propose(items, { ...options, detail: "none" }), options), tables: 1 };
  }
}

/** Table and primary key of each item's row. */
function identitiesOf(items: readonly Item[], { mapping }: Proposal, { dialect = "googlesql" }: GatherOptions) {
  const plan = planMigration(parseMapping(JSON.stringify(mapping), "proposed"));
  ddlStatements(plan, dialect);
  const convert = compileItemConverter(plan, { dialect });
  return new Set(
    items.map((item) => {
      const outcome = convert(item);
      if (outcome.kind !== "row") throw new TypeError("an item was filtered");
      const keyLength = plan.tables[outcome.table]?.keyLength ?? 0;
      return `${outcome.table} ${JSON.stringify(outcome.values.slice(0, keyLength))}`;
    }),
  );
}
