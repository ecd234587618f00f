import { expect } from "chai";
import type { Dialect } from "../../schema/column-type";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { spannerEmulator } from "../support/spanner";
import { detailsOf, expectError, expectExit, PROCESS_MILLISECONDS, targetWords, writeMapping } from "./load";
import { changeRows, createMappedDatabase, queryRows } from "./mapped-database";

const columns = {
  Id: { type: "STRING(64)", from: "PK", match: "^CUSTOMER#(.+)$" },
  Name: { type: "STRING(MAX)" },
  City: { type: "STRING(MAX)" },
};

/** A parent and a child with an index of every kind. */
function mappingOf(orderIndexes: readonly object[]): object {
  return {
    source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
    tables: [
      { name: "Customers", when: { attribute: "SK", equals: "PROFILE" }, primaryKey: ["Id"], columns },
      {
        name: "Orders",
        interleaveIn: "Customers",
        when: { attribute: "SK", beginsWith: "ORDER#" },
        primaryKey: ["Id", "OrderId"],
        columns: {
          Id: columns.Id,
          OrderId: { type: "STRING(64)", from: "SK", match: "^ORDER#(.+)$" },
          Placed: { type: "DATE" },
          Code: { type: "STRING(64)" },
          Total: { type: "NUMERIC" },
        },
        indexes: orderIndexes,
      },
    ],
  };
}

const everyKind = [
  { name: "OrdersByDate", columns: ["Placed DESC"], storing: ["Total", "Code"] },
  { name: "OrdersByCode", columns: ["Code"], unique: true, nullFiltered: true },
  { name: "OrdersOfCustomer", columns: ["Id", "Placed"], interleaveIn: "Customers" },
];

describe("schema indexes", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  const indexes = (database: EmulatorDatabase, mapping: string) =>
    runCommand(["schema", "indexes", ...targetWords(database), "--mapping", mapping]);
  const insert = "INSERT INTO Customers (Id) VALUES ('c'), ('d')";

  for (const dialect of ["googlesql", "postgresql"] as const satisfies readonly Dialect[]) {
    it(`makes indexes of every kind after the load, and nothing when run again (${dialect})`, async () => {
      const mapping = await writeMapping(folder(), mappingOf(everyKind));
      const database = await createMappedDatabase(mapping, dialect);
      const first = await indexes(database, mapping);
      expectExit(first, 0);
      expect(first.stdout.match(/^CREATE /gm)).to.have.length(3);
      expect(first.stderr).to.include("3 indexes were created in projects/");
      const second = await indexes(database, mapping);
      expectExit(second, 0);
      expect(second.stdout).to.equal("");
      expect(second.stderr).to.include("The database has all the indexes already.");
    });
  }

  it("fills them with the rows that are there, and a query can use them", async () => {
    const mapping = await writeMapping(folder(), mappingOf(everyKind));
    const database = await createMappedDatabase(mapping);
    const order = "INSERT INTO Orders (Id, OrderId, Placed) VALUES ('c', '1', DATE '2024-03-01')";
    await changeRows(database, insert, order);
    expectExit(await indexes(database, mapping), 0);
    const rows = await queryRows(
      database,
      "SELECT OrderId FROM Orders@{FORCE_INDEX=OrdersByDate} WHERE Placed > '2024-01-01'",
    );
    expect(rows).to.deep.equal([["1"]]);
  });

  it("adds what is missing only, and refuses one of the same name that is another, before it creates any", async () => {
    const first = await writeMapping(folder(), mappingOf(everyKind.slice(0, 1)));
    const database = await createMappedDatabase(first);
    expectExit(await indexes(database, first), 0);
    const [byDate, byCode] = everyKind;
    const second = await writeMapping(folder(), mappingOf([{ ...byDate, storing: ["Total"] }, { ...byCode }]));
    const refused = await indexes(database, second);
    expectError(refused, "E_SCHEMA_DIFFERS", /one difference/);
    expect(detailsOf(refused)).to.deep.equal([
      "index OrdersByDate: its stored columns in the database: code, total; in the mapping: total; drop it, or give the mapping's another name",
    ]);
    const third = await writeMapping(folder(), mappingOf(everyKind));
    const added = await indexes(database, third);
    expectExit(added, 0);
    expect(added.stdout.match(/^CREATE /gm)).to.have.length(2);
  });

  it("tells Spanner's reason when rows break a unique index, and that tables are missing", async () => {
    const mapping = await writeMapping(folder(), mappingOf(everyKind));
    const database = await createMappedDatabase(mapping);
    const orders = "INSERT INTO Orders (Id, OrderId, Code) VALUES ('c', '1', 'same'), ('d', '1', 'same')";
    await changeRows(database, insert, orders);
    expectError(await indexes(database, mapping), "E_SCHEMA_APPLY_FAILED", /OrdersByCode/);

    const other = await writeMapping(
      folder(),
      JSON.parse(JSON.stringify(mappingOf(everyKind)).replaceAll("Orders", "Bills")),
    );
    const refused = await indexes(database, other);
    expectError(refused, "E_SCHEMA_DIFFERS", /one difference/);
    expect(detailsOf(refused)).to.deep.equal(["table Bills does not exist; `schema apply` creates it"]);
  });
});
