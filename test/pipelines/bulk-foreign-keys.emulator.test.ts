import { join } from "node:path";
import { expect } from "chai";
import { exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { ddlOf } from "./item-changes";
import { expectAccounted, expectExit, PROCESS_MILLISECONDS, runLoad, writeMapping } from "./load";

const text = { type: "STRING(MAX)" };
const mapping = {
  source: { table: "Shop", partitionKey: "PK" },
  tables: [
    {
      name: "Orders",
      primaryKey: ["Id"],
      when: { attribute: "PK", beginsWith: "ORDER#" },
      columns: { Id: { ...text, from: "PK" }, Customer: text },
    },
    {
      name: "Customers",
      primaryKey: ["Id"],
      when: { attribute: "PK", beginsWith: "CUSTOMER#" },
      columns: { Id: { ...text, from: "PK" }, Friend: text },
    },
  ],
};
const key = (name: string, table: string, column: string) =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${name} FOREIGN KEY (${column}) REFERENCES Customers (Id)`;
const item = (id: string, name: string, value: string) => `{"Item":{"PK":{"S":"${id}"},"${name}":{"S":"${value}"}}}`;

describe("bulk: foreign keys", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();

  it("rows are written after those that they refer to, wherever they stand in the export", async () => {
    const database = await createTestDatabase([...ddlOf(mapping), key("OfCustomer", "Orders", "Customer")]);
    const input = join(folder(), "export");
    const orders = ["1", "2", "3"].map((id) => item(`ORDER#${id}`, "Customer", "CUSTOMER#1"));
    const files = { "aaaa.json.gz": orders, "bbbb.json.gz": ['{"Item":{"PK":{"S":"CUSTOMER#1"}}}'] };
    await writeFiles(input, exportFiles(files));
    const result = await runLoad({
      database,
      mapping: await writeMapping(folder(), mapping),
      input,
      folder: folder(),
    });
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ written: 4, deadLettered: 0 });
  });

  it("where no order will do the command says so, and rows that came too early are dead letters with that reason", async () => {
    const database = await createTestDatabase([...ddlOf(mapping), key("Friendship", "Customers", "Friend")]);
    const input = join(folder(), "export");
    const files = {
      "aaaa.json.gz": [item("CUSTOMER#2", "Friend", "CUSTOMER#1")],
      "bbbb.json.gz": ['{"Item":{"PK":{"S":"CUSTOMER#1"}}}'],
    };
    await writeFiles(input, exportFiles(files));
    const result = await runLoad({ database, mapping: await writeMapping(folder(), mapping), input, folder: folder() });
    expectExit(result, 3);
    expect(result.stderr).to.match(/Foreign keys of Customers refer to the table itself/);
    expect(result.deadLetters.map(({ code }) => code)).to.deep.equal(["E_SPANNER_REFERENCE_MISSING"]);
  });
});
