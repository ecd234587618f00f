import { expect } from "chai";
import type { Dialect } from "../../schema/column-type";
import { closeAllConnections, openSpanner } from "../../spanner/connection";
import { readLiveSchema } from "../../spanner/live-schema";
import { createTestDatabase } from "../support/spanner";

const ddl: Readonly<Record<Dialect, readonly string[]>> = {
  googlesql: [
    "CREATE TABLE A (Id STRING(9)) PRIMARY KEY (Id)",
    `CREATE TABLE B (Id STRING(9), A1 STRING(9), A2 STRING(9), Other STRING(9), FOREIGN KEY (A1) REFERENCES A (Id),
      FOREIGN KEY (A2) REFERENCES A (Id), FOREIGN KEY (Other) REFERENCES B (Id)) PRIMARY KEY (Id)`,
  ],
  postgresql: [
    'CREATE TABLE "A" ("Id" varchar(9) PRIMARY KEY)',
    `CREATE TABLE "B" ("Id" varchar(9) PRIMARY KEY, "A1" varchar(9) REFERENCES "A" ("Id"), "A2" varchar(9) REFERENCES
      "A" ("Id"), "Other" varchar(9) REFERENCES "B" ("Id"))`,
  ],
};

describe("the live schema", () => {
  afterEach(closeAllConnections);

  for (const dialect of ["googlesql", "postgresql"] as const) {
    it(`tells which tables foreign keys refer to (${dialect})`, async () => {
      const connection = await openSpanner(await createTestDatabase(ddl[dialect], { dialect }));
      const { tables } = await readLiveSchema(connection.database());
      const references = new Map(tables.map((table) => [table.name, table.references]));
      expect(references.get("A")).to.equal(undefined);
      expect(references.get("B")).to.have.members(["A", "B"]);
    });
  }
});
