import { expect } from "chai";
import type { AttributeValue, Item } from "../../schema/attribute-value";
import type { Dialect } from "../../schema/column-type";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { itemSets } from "../../scripts/fake-data/item-set";
import { useFolder } from "../export/export-folder";
import { spannerEmulator } from "../support/spanner";
import { expectAccounted, expectExit, PROCESS_MILLISECONDS, runLoad, sampleMapping } from "./load";
import { createMappedDatabase, queryRows } from "./mapped-database";

const mapping = sampleMapping("hard");
const total = 500;
const seed = 11;

const items = Array.from({ length: total }, (_, index) => itemSets.hard.itemAt({ index, total, seed }));
const text = (value: AttributeValue | undefined): string | null => {
  if (value === undefined) return null;
  if ("S" in value) return value.S;
  return "N" in value ? value.N : null;
};
const sortKey = (item: Item): string => text(item["SK"]) ?? "";
const customerOf = (item: Item): string => (text(item["PK"]) ?? "").replace("CUSTOMER#", "");
const profiles = items.filter((item) => sortKey(item) === "PROFILE");
const orders = items.filter((item) => sortKey(item).startsWith("ORDER#"));

/** What the columns hold, read off the items by hand: none of the program's own conversion. */
function expectedProfile(item: Item): readonly unknown[] {
  const { Name, Exact, Balance, Counter, Address, Birthday, Photo, Tags } = item;
  const city = Address !== undefined && "M" in Address ? Address.M["City"] : undefined;
  return [
    customerOf(item),
    text(Name),
    text(Exact),
    text(Balance),
    text(Counter),
    text(city),
    text(Birthday),
    text(item["plan.tier"]),
    Photo !== undefined && "B" in Photo ? Photo.B : null,
    Tags !== undefined && "SS" in Tags ? Tags.SS.toSorted(byCodePoint).join("|") : null,
  ];
}

/** An order is placed at 23:59:59.… of its day, fourteen hours east of UTC. */
function expectedOrder(item: Item): readonly unknown[] {
  const { Placed, Total, Note } = item;
  const placed = (text(Placed) ?? "").replace("T23:", "T09:").replace("+14:00", "Z");
  return [customerOf(item), sortKey(item).replace("ORDER#", ""), placed, text(Total), text(Note)];
}

const byCodePoint = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
const byJson = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);

describe("bulk: the hard data set", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();

  const loadAll = async (dialect: Dialect): Promise<EmulatorDatabase> => {
    const database = await createMappedDatabase(mapping, dialect);
    await writeFakeExport({ set: "hard", items: total, seed, files: 3, folder: folder() });
    const result = await runLoad({ database, mapping, input: folder(), folder: folder() });
    expect(result.deadLetters).to.deep.equal([]);
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ status: "proven", written: total, deadLettered: 0 });
    return database;
  };

  it("has profiles and orders with and without each attribute", () => {
    expect(profiles).to.have.length(100);
    expect(orders).to.have.length(400);
    for (const name of ["Name", "Exact", "Balance", "Address", "Tags", "Photo", "plan.tier"]) {
      const has = profiles.filter((item) => Object.hasOwn(item, name)).length;
      expect(has, name).to.be.greaterThan(0).and.lessThan(100);
    }
  });

  it("goes into a GoogleSQL database without a dead letter and without a changed value", async () => {
    const database = await loadAll("googlesql");
    const profileRows = await queryRows(
      database,
      "SELECT CustomerId, Name, Exact, CAST(Balance AS STRING), Counter, City, CAST(Birthday AS STRING), Tier," +
        " TO_BASE64(Photo), ARRAY_TO_STRING(Tags, '|') FROM Customers",
    );
    expect(profileRows.toSorted(byJson)).to.deep.equal(profiles.map(expectedProfile).sort(byJson));
    const orderRows = await queryRows(
      database,
      "SELECT CustomerId, OrderId, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E9SZ', Placed, 'UTC'), CAST(Total AS STRING), Note" +
        " FROM CustomerOrders",
    );
    expect(orderRows.toSorted(byJson)).to.deep.equal(orders.map(expectedOrder).sort(byJson));

    const [[extra] = []] = await queryRows(
      database,
      `SELECT TO_JSON_STRING(Extra) FROM Customers WHERE CustomerId = '${customerOf(profiles[0] ?? {})}'`,
    );
    const kept = JSON.parse(String(extra)) as Item;
    for (const name of ["constructor", "__proto__", "🙂"]) {
      expect(Object.hasOwn(kept, name), name).to.equal(true);
      const value = Object.getOwnPropertyDescriptor(kept, name)?.value as unknown;
      expect(value).to.deep.equal(Object.getOwnPropertyDescriptor(profiles[0] ?? {}, name)?.value);
    }
  });

  it("goes into a PostgreSQL-dialect database without a dead letter and without a changed value", async () => {
    const database = await loadAll("postgresql");
    const profileRows = await queryRows(
      database,
      'SELECT "CustomerId", "Name", "Exact", CAST("Balance" AS text), "Counter", "City", CAST("Birthday" AS text),' +
        ' "Tier", "Photo", "Tags" FROM "Customers"',
    );
    const comparable = profileRows.map((row) => [
      ...row.slice(0, 8),
      Buffer.isBuffer(row[8]) ? row[8].toString("base64") : row[8],
      Array.isArray(row[9]) ? row[9].join("|") : row[9],
    ]);
    expect(comparable.toSorted(byJson)).to.deep.equal(profiles.map(expectedProfile).sort(byJson));
    const orderRows = await queryRows(
      database,
      'SELECT "CustomerId", "OrderId", CAST("Total" AS text), "Note" FROM "CustomerOrders"',
    );
    expect(orderRows.toSorted(byJson)).to.deep.equal(
      orders
        .map(expectedOrder)
        .map(([customer, order, , sum, note]) => [customer, order, sum, note])
        .sort(byJson),
    );
  });

  it("so does the tutorial's table", async () => {
    const tutorial = sampleMapping("migration");
    const database = await createMappedDatabase(tutorial, "postgresql");
    await writeFakeExport({ set: "tutorial", items: 300, seed, files: 2, folder: folder() });
    const result = await runLoad({ database, mapping: tutorial, input: folder(), folder: folder() });
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ status: "proven", written: 300 });
    expect(await queryRows(database, 'SELECT COUNT(*) FROM "Migration"')).to.deep.equal([["300"]]);
  });
});
