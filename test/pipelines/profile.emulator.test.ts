import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Item } from "../../schema/attribute-value";
import type { Dialect } from "../../schema/column-type";
import { type Mapping, parseMapping } from "../../schema/mapping";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import type { ItemSetName } from "../../scripts/fake-data/item-set";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { expectAccounted, expectExit, PROCESS_MILLISECONDS, runLoad, targetWords } from "./load";
import { countRows, queryRows } from "./mapped-database";
import { shopItems, writeItems } from "./profile-fixture";

describe("profile → schema apply → bulk, without touching the mapping", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();

  /** Profiles the export below the folder, creates the tables and loads it: everything must be written. */
  async function migrate(
    items: number,
    options: { readonly dialect?: Dialect; readonly words?: readonly string[] } = {},
  ) {
    const { dialect = "googlesql", words = [] } = options;
    const mapping = join(folder(), "mapping.json");
    const profiled = await runCommand([
      ...["profile", "--input", folder(), "--out", mapping, "--dialect", dialect, ...words],
    ]);
    expectExit(profiled, 0);
    expect(profiled.stderr).to.include(`Proven: ${items} items convert`);
    const database = await createTestDatabase([], { dialect });
    expectExit(await runCommand(["schema", "apply", "--mapping", mapping, ...targetWords(database)]), 0);
    const load = await runLoad({ database, mapping, input: folder(), folder: folder() });
    expectExit(load, 0);
    const summary = expectAccounted(load.summary);
    expect(summary.written).to.equal(items);
    expect(load.deadLetters).to.deep.equal([]);
    return { database, mapping: parseMapping(await readFile(mapping, "utf8"), mapping), profiled };
  }

  const sets: readonly (readonly [ItemSetName, Dialect, readonly string[]])[] = [
    ["hard", "googlesql", []],
    ["hard", "postgresql", []],
    ["wide", "googlesql", ["--partition-key", "Username"]],
  ];
  for (const [set, dialect, words] of sets) {
    it(`loads the ${set} set into a ${dialect} database with no dead letter`, async () => {
      await writeFakeExport({ set, items: 400, seed: 3, files: 3, folder: folder() });
      await migrate(400, { dialect, words });
    });
  }

  it("loads the tutorial set, with the types that its tutorial uses", async () => {
    await writeFakeExport({ set: "tutorial", items: 300, seed: 3, files: 2, folder: folder() });
    const { mapping } = await migrate(300);
    const [table] = mapping.tables;
    expect(mapping.source).to.deep.equal({ table: "Migration", partitionKey: "Username" });
    expect(
      Object.fromEntries(Object.entries(table?.columns ?? {}).map(([name, { type }]) => [name, type])),
    ).to.deep.equal({
      Username: "STRING(2048)",
      PointsEarned: "INT64",
      ReminderDate: "DATE",
      Subscribed: "BOOL",
      Zipcode: "INT64",
    });
  });

  it("makes three interleaved tables of customers, orders and order lines, each row below its parent", async () => {
    const items = shopItems(20);
    await writeItems(folder(), "Shop", items);
    const { database, mapping, profiled } = await migrate(items.length);
    expect(outline(mapping)).to.deep.equal([
      "OrderLines (CustomerId, OrderId, LineId) in Orders",
      "Customers (CustomerId)",
      "Orders (CustomerId, OrderId) in Customers",
    ]);
    expect(profiled.stdout).to.match(/OrderLines: 120 of 180 items \(keys CUSTOMER#\* \/ ORDER#\*#LINE#\*\)/);
    expect(await counts(database, ["Customers", "Orders", "OrderLines"])).to.deep.equal([20, 40, 120]);
    const joined = await queryRows(
      database,
      "SELECT c.Name, CAST(o.OrderDate AS STRING), CAST(o.Total AS STRING), l.Sku, l.Quantity FROM Customers c " +
        "JOIN Orders o USING (CustomerId) JOIN OrderLines l ON l.CustomerId = o.CustomerId AND l.OrderId = o.OrderId " +
        "WHERE c.CustomerId = 'c-7' AND o.OrderId = '1071' AND l.LineId = '2'",
    );
    expect(joined).to.deep.equal([["Customer 7", "2024-03-11", "1.25", "sku-2", "2"]]);
  });

  it("keeps children whose parents are missing, and keys that no pattern takes", async () => {
    const strays: readonly Item[] = [
      { PK: { S: "CUSTOMER#lost" }, SK: { S: "ORDER#9#LINE#1" }, Sku: { S: "a" } },
      { PK: { S: "something else" }, SK: { S: "entirely" }, Note: { S: "kept" } },
    ];
    const items = [...shopItems(5), ...strays];
    await writeItems(folder(), "Shop", items);
    const { database, profiled } = await migrate(items.length);
    expect(profiled.stdout).to.include("Taken by no pattern:\n  1 items: * / *");
    expect(await countRows(database, "ShopOthers")).to.equal(1);
    expect(await countRows(database, "Customers")).to.equal(6);
  });

  it("takes names of 255 bytes with dots and emoji, names that differ in case only, and reserved words", async () => {
    const long = `${"😀.".repeat(51)}`;
    expect(Buffer.byteLength(long)).to.equal(255);
    const item: Item = {
      id: { S: "1" },
      [long]: { N: "1" },
      Name: { S: "a" },
      NAME: { S: "b" },
      name: { S: "c" },
      select: { BOOL: true },
      __proto__x: { S: "d" },
      "": { L: [] },
      "a.b[0]": { S: "e" },
      OtherAttributes: { S: "f" },
      SequenceNumber: { S: "g" },
    };
    await writeItems(folder(), "Order", [item]);
    const { database, mapping } = await migrate(1);
    const [table] = mapping.tables;
    expect(table?.name).to.equal("Order_");
    const row = await queryRows(database, "SELECT Name, NAME_2, name_3, select_, a_b_0_ FROM Order_");
    expect(row).to.deep.equal([["a", "b", "c", true, "e"]]);
  });

  it("takes items with 32 levels of nesting and of 400 KB, and an export with 3,000 attributes", async () => {
    let nested: Item[string] = { N: "1" };
    for (let level = 0; level < 31; level += 1) nested = level % 2 === 0 ? { M: { level: nested } } : { L: [nested] };
    const items: readonly Item[] = [
      { id: { S: "nested" }, Deep: { M: { top: nested } } },
      { id: { S: "large" }, Large: { S: "\u0001".repeat(400 * 1024 - 20) } },
      ...Array.from({ length: 300 }, (_, index): Item => {
        const attributes = Array.from(
          { length: 10 },
          (_each, at) => [`attribute-${index * 10 + at}`, { N: String(at) }] as const,
        );
        return { id: { S: `wide-${index}` }, ...Object.fromEntries(attributes) };
      }),
    ];
    await writeItems(folder(), "Things", items);
    const { mapping } = await migrate(items.length);
    const [table] = mapping.tables;
    expect(Object.keys(table?.columns ?? {})).to.have.length(201);
    expect(table?.otherAttributes).to.deep.equal({ column: "OtherAttributes" });
  });
});

function outline({ tables }: Mapping): readonly string[] {
  return tables.map(({ name, primaryKey, interleaveIn }) => {
    return `${name} (${primaryKey.join(", ")})${interleaveIn === undefined ? "" : ` in ${interleaveIn}`}`;
  });
}

function counts(database: EmulatorDatabase, tables: readonly string[]): Promise<readonly number[]> {
  return Promise.all(tables.map((table) => countRows(database, table)));
}
