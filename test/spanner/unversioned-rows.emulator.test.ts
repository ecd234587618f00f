import { expect } from "chai";
import type { ColumnType } from "../../schema/column-type";
import { ddlStatements } from "../../schema/ddl";
import type { MigrationPlan } from "../../schema/migration-plan";
import { padSequenceNumber } from "../../schema/sequence-number";
import type { WireValue } from "../../schema/wire-value";
import { compileApply } from "../../spanner/apply-transaction";
import { writeTarget } from "../../spanner/commit-request";
import { closeAllConnections, openSpanner, type SpannerConnection } from "../../spanner/connection";
import { RowEncoder } from "../../spanner/row-encoder";
import { writeRows } from "../../spanner/row-writer";
import { spannerStore } from "../../spanner/spanner-store";
import { retryTransient } from "../../spanner/transient-retry";
import { writeUnversionedRows } from "../../spanner/unversioned-rows";
import { type TreeOptions, threeLevelPlan } from "../support/replication-history";
import { createTestDatabase } from "../support/spanner";

/** One table with a key of the given types and a column `Value`. */
function planWithKey(types: readonly ColumnType[]): MigrationPlan {
  const [customers] = threeLevelPlan({ onDelete: "NO ACTION", createParent: false }).tables;
  if (customers === undefined) throw new RangeError("no table");
  const [key, value] = customers.columns;
  if (key === undefined || value === undefined) throw new RangeError("no columns");
  const keys = types.map((type, index) => ({ ...key, name: `Key${index}`, type }));
  const table = {
    ...customers,
    columns: [...keys, value],
    keyLength: keys.length,
    keyDescending: keys.map(() => false),
  };
  return { source: { table: "Shop", partitionKey: "PK" }, tables: [table], otherItems: "error" };
}

async function prepared(plan: MigrationPlan): Promise<SpannerConnection> {
  const ddl = ddlStatements(plan, "googlesql");
  return openSpanner(await createTestDatabase([...ddl.tables, ...ddl.versionTables]));
}

/** Rows of the plan's table number `index`. */
async function load(
  connection: SpannerConnection,
  plan: MigrationPlan,
  rows: readonly (readonly WireValue[])[],
  index = 0,
) {
  const table = plan.tables[index];
  if (table === undefined) throw new RangeError("no table");
  const columns = table.columns.map((column) => column.name);
  const encoder = new RowEncoder(table.keyLength);
  for (const row of rows) encoder.appendRow(row, 0);
  const group = { target: writeTarget(table.name, columns), rows: encoder.finish(), cellsPerRow: columns.length };
  return writeRows([group], { commit: writeUnversionedRows(connection, plan) });
}

async function rowsOf(connection: SpannerConnection, sql: string): Promise<readonly unknown[]> {
  const [rows] = await connection.database().run({ sql, json: true });
  return rows;
}

const sequenceNumber = padSequenceNumber(7n);

describe("rows of an export beside a running stream, in the Spanner emulator", () => {
  after(closeAllConnections);

  const keys: readonly [ColumnType, readonly WireValue[]][] = [
    [{ kind: "STRING", length: "MAX" }, ["", "a", "ä😀", "\u0000", "null"]],
    [{ kind: "INT64" }, ["0", "-9223372036854775808", "9223372036854775807"]],
    [{ kind: "FLOAT64" }, [0, 0.1, -1.5e300, 1e21, "Infinity", "-Infinity"]],
    [{ kind: "NUMERIC" }, ["0", "0.1", "-99999999999999999999999999999.999999999", "100", "1E+2", "1.50"]],
    [{ kind: "BOOL" }, [true, false]],
    [{ kind: "DATE" }, ["0001-01-01", "9999-12-31"]],
    [{ kind: "TIMESTAMP" }, ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.120000Z"]],
    [{ kind: "BYTES", length: "MAX" }, ["", "YQ==", "AAECAw=="]],
  ];
  for (const [type, values] of keys) {
    it(`finds the version of each row whose key is a ${type.kind}`, async () => {
      const plan = planWithKey([type, { kind: "STRING", length: 10 }]);
      const connection = await prepared(plan);
      const apply = compileApply(plan, { retry: (attempt) => retryTransient(attempt, { subject: "test" }) });
      const store = spannerStore(connection);
      for (const value of values) {
        const key = [value, "k"];
        const change = { table: 0, key, row: [...key, "streamed"], sequenceNumber, changedAt: null };
        expect(
          (await apply(store, [change])).applied.length + (await apply(store, [change])).stale.length,
        ).to.be.at.least(1);
        const other = [value, "other"];
        const outcome = await load(connection, plan, [
          [...key, "exported"],
          [...other, "exported"],
        ]);
        expect(outcome).to.deep.equal({ written: 1, stale: 1, failures: [] });
        expect((await apply(store, [{ ...change, row: null }])).stale).to.have.lengthOf(1);
      }
    });
  }

  describe("whose parents", () => {
    const deletedParent = async (tree: TreeOptions) => {
      const plan = threeLevelPlan(tree);
      const connection = await prepared(plan);
      const apply = compileApply(plan, { retry: (attempt) => retryTransient(attempt, { subject: "test" }) });
      await apply(spannerStore(connection), [{ table: 0, key: ["a"], row: null, sequenceNumber, changedAt: null }]);
      return { plan, connection };
    };

    it("are deleted, are written beneath a key-only row", async () => {
      const { plan, connection } = await deletedParent({ onDelete: "NO ACTION", createParent: false });
      expect(await load(connection, plan, [["a", "b", "exported"]], 1)).to.include({ written: 1 });
      expect(await rowsOf(connection, "SELECT * FROM Customers")).to.deep.equal([{ CustomerId: "a", Value: null }]);
      const tombstones = "SELECT CustomerId FROM Customers_versions WHERE Deleted AND TombstoneAt IS NULL";
      expect(await rowsOf(connection, tombstones)).to.deep.equal([{ CustomerId: "a" }]);
    });

    it("are deleted, are stale with CASCADE", async () => {
      const { plan, connection } = await deletedParent({ onDelete: "CASCADE", createParent: false });
      expect(await load(connection, plan, [["a", "b", "exported"]], 1)).to.include({ written: 0, stale: 1 });
      expect(await rowsOf(connection, "SELECT * FROM Customers")).to.deep.equal([]);
    });

    it("are not there, fail alone", async () => {
      const { plan, connection } = await deletedParent({ onDelete: "NO ACTION", createParent: false });
      await load(connection, plan, [["p", "exported"]]);
      const outcome = await load(
        connection,
        plan,
        [
          ["p", "1", "x"],
          ["q", "2", "x"],
          ["p", "3", "x"],
        ],
        1,
      );
      expect(outcome).to.include({ written: 2, stale: 0 });
      expect(outcome.failures.map(({ row, code }) => [row, code])).to.deep.equal([[1, "E_SPANNER_PARENT_MISSING"]]);
    });

    it("are not there, get stand-ins if the mapping says so", async () => {
      const { plan, connection } = await deletedParent({ onDelete: "NO ACTION", createParent: true });
      expect(await load(connection, plan, [["q", "r", "s", "x"]], 2)).to.include({ written: 1 });
      expect(await rowsOf(connection, "SELECT * FROM Orders")).to.deep.equal([
        { CustomerId: "q", OrderId: "r", Value: null },
      ]);
      expect(await load(connection, plan, [["q", "r", "exported"]], 1)).to.include({ written: 1, stale: 0 });
      expect(await rowsOf(connection, "SELECT * FROM Orders_versions")).to.deep.equal([]);
    });
  });

  it("writes the neighbours of a refused row, and counts each once", async () => {
    const plan = planWithKey([{ kind: "STRING", length: 5 }]);
    const connection = await prepared(plan);
    const rows = Array.from({ length: 50 }, (_, index) => [index === 31 ? "too long" : `${index}`, "exported"]);
    const outcome = await load(connection, plan, rows);
    expect(outcome).to.include({ written: 49, stale: 0 });
    expect(outcome.failures.map(({ row }) => row)).to.deep.equal([31]);
  });

  it("loses no change to a stream that writes the same rows at the same time", async function () {
    this.timeout(240_000);
    const plan = planWithKey([{ kind: "INT64" }]);
    const connection = await prepared(plan);
    const store = spannerStore(connection);
    const apply = compileApply(plan, { retry: (attempt) => retryTransient(attempt, { subject: "test" }) });
    const numbers = Array.from({ length: 200 }, (_, index) => `${index}`);
    const change = (number: string, sequence: bigint) => {
      const row = sequence === 3n && Number(number) % 3 === 0 ? null : [number, `streamed ${sequence}`];
      return { table: 0, key: [number], row, sequenceNumber: padSequenceNumber(sequence), changedAt: null };
    };
    const stream = async (sequences: readonly bigint[]) => {
      for (const sequence of sequences) {
        for (let from = 0; from < numbers.length; from += 50) {
          await apply(
            store,
            numbers.slice(from, from + 50).map((number) => change(number, sequence)),
          );
        }
      }
    };
    const bulk = async () => {
      for (let from = 0; from < numbers.length; from += 40) {
        await load(
          connection,
          plan,
          numbers.slice(from, from + 40).map((number) => [number, "exported"]),
        );
      }
    };
    // Two streams of one subscription, one of them behind, and the bulk load.
    await Promise.all([stream([1n, 2n, 3n]), stream([3n, 1n]), bulk(), bulk()]);
    const found = await rowsOf(connection, "SELECT CAST(Key0 AS STRING) AS number, Value FROM Customers ORDER BY Key0");
    expect(found).to.deep.equal(
      numbers.filter((number) => Number(number) % 3 !== 0).map((number) => ({ number, Value: "streamed 3" })),
    );
  });
});
