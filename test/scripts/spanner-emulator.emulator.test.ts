import { Spanner } from "@google-cloud/spanner";
import { expect } from "chai";
import { createTestDatabase } from "../support/spanner";

describe("Spanner emulator", () => {
  it("gives every test a database of its own", async () => {
    const first = await createTestDatabase(["CREATE TABLE Names (Id STRING(36)) PRIMARY KEY (Id)"]);
    const second = await createTestDatabase([]);
    expect(await tableNames(first)).to.deep.equal(["Names"]);
    expect(await tableNames(second)).to.deep.equal([]);
  });

  it("makes databases of the PostgreSQL dialect", async () => {
    const database = await createTestDatabase(['CREATE TABLE "Names" ("Id" text PRIMARY KEY)'], {
      dialect: "postgresql",
    });
    expect(await tableNames(database)).to.deep.equal(["Names"]);
  });
});

async function tableNames(name: { project: string; instance: string; database: string }): Promise<unknown[]> {
  const spanner = new Spanner({ projectId: name.project });
  const database = spanner.instance(name.instance).database(name.database);
  const [rows] = await database.run({
    sql: "SELECT table_name AS name FROM information_schema.tables WHERE table_schema IN ('', 'public')",
    json: true,
  });
  await database.close();
  spanner.close();
  return rows.map((row) => (row as { name: unknown }).name);
}
