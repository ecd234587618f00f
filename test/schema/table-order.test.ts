import { expect } from "chai";
import type { LiveSchema, LiveTable } from "../../schema/live-schema";
import { parseMapping } from "../../schema/mapping";
import type { MigrationPlan } from "../../schema/migration-plan";
import { planMigration } from "../../schema/plan-migration";
import { orderTables } from "../../schema/table-order";

/** Tables by name: what each is interleaved in and refers to. */
type Tables = Readonly<Record<string, { readonly in?: string; readonly to?: readonly string[] }>>;

function order(tables: Tables, rename: (name: string) => string = (name) => name) {
  const template = planMigration(
    parseMapping(
      JSON.stringify({
        source: { table: "Source", partitionKey: "PK" },
        tables: [{ name: "T", primaryKey: ["PK"], columns: { PK: { type: "STRING(MAX)" } } }],
      }),
      "mapping",
    ),
  );
  const mapped: MigrationPlan = {
    ...template,
    tables: Object.entries(tables).flatMap(([name, { in: parent }]) =>
      template.tables.map((table) => ({ ...table, name, ...(parent === undefined ? {} : { parent }) })),
    ),
  };
  const live: LiveSchema = {
    dialect: "googlesql",
    tables: Object.entries(tables).map(
      ([name, { to }]): LiveTable => ({
        name: rename(name),
        isView: false,
        columns: [],
        primaryKey: [],
        indexes: [],
        ...(to === undefined ? {} : { references: to.map(rename) }),
      }),
    ),
  };
  const { plan, circular } = orderTables(mapped, live);
  return { levels: Object.fromEntries(plan.tables.map(({ name, level }) => [name, level])), circular };
}

describe("the order of tables", () => {
  it("is that of their interleaving where there are no foreign keys", () => {
    expect(order({ B: { in: "A" }, A: {}, C: {} })).to.deep.equal({ levels: { A: 0, B: 1, C: 0 }, circular: [] });
  });

  it("puts a table after those that its foreign keys refer to, and its children after it", () => {
    const { levels, circular } = order({ C: { in: "B" }, B: { to: ["A", "Elsewhere"] }, A: { to: ["Z"] }, Z: {} });
    expect(levels).to.deep.equal({ Z: 0, A: 1, B: 2, C: 3 });
    expect(circular).to.deep.equal([]);
  });

  it("knows a table by its name in any case", () => {
    expect(order({ B: { to: ["A"] }, A: {} }, (name) => name.toLowerCase()).levels).to.deep.equal({ A: 0, B: 1 });
  });

  it("does without foreign keys to the table itself or round in a circle, and names their tables", () => {
    expect(order({ A: { to: ["A"] } })).to.deep.equal({ levels: { A: 0 }, circular: ["A"] });
    const circle = order({ D: { to: ["C"] }, C: { to: ["B"] }, B: { to: ["A"] }, A: { to: ["B"] } });
    expect(circle).to.deep.equal({ levels: { A: 0, B: 0, C: 1, D: 2 }, circular: ["B", "A"] });
  });

  it("keeps a child after its parent that refers to it", () => {
    expect(order({ A: { to: ["B"] }, B: { in: "A" } })).to.deep.equal({ levels: { A: 0, B: 1 }, circular: ["A"] });
  });
});
