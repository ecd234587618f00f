import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { toSdkItem } from "../../dynamodb/sdk-item";
import type { Item } from "../../schema/attribute-value";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { exportFiles, type Files, useFolder, writeFiles } from "../export/export-folder";
import { incrementalFiles, incrementalLine, microsOf } from "../export/incremental-folder";
import { runCommand } from "../support/command-line";
import { createTestTable, dynamoDbLocal, testDynamoDb } from "../support/dynamodb";
import { spannerEmulator } from "../support/spanner";
import {
  expectAccounted,
  expectError,
  expectExit,
  type Load,
  PROCESS_MILLISECONDS,
  runLoad,
  targetWords,
  writeMapping,
} from "./load";
import { changeRows, createMappedDatabase, queryRows } from "./mapped-database";

const mapping = {
  source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
  tables: [
    {
      name: "Customers",
      primaryKey: ["CustomerId"],
      when: { attribute: "SK", equals: "PROFILE" },
      columns: {
        CustomerId: { type: "STRING(64)", from: "PK" },
        Name: { type: "STRING(MAX)" },
        Points: { type: "INT64" },
      },
      otherAttributes: "ignore",
    },
    {
      name: "Orders",
      interleaveIn: "Customers",
      primaryKey: ["CustomerId", "OrderId"],
      when: { attribute: "SK", beginsWith: "O#" },
      columns: {
        CustomerId: { type: "STRING(64)", from: "PK" },
        OrderId: { type: "STRING(64)", from: "SK" },
        Total: { type: "NUMERIC" },
      },
      otherAttributes: "ignore",
    },
  ],
};

/** The day before this test runs: tombstones of older changes might be gone. */
const DAY = new Date(Date.now() - 24 * 3600 * 1000).toISOString().slice(0, 10);
const time = (clock: string) => `${DAY}T${clock}.000Z`;
const FULL = time("10:00:00");
const keys = (pk: string, sk: string): Item => ({ PK: { S: pk }, SK: { S: sk } });
const customer = (id: string, name: string, points?: number): Item => ({
  ...keys(id, "PROFILE"),
  Name: { S: name },
  ...(points === undefined ? {} : { Points: { N: String(points) } }),
});
const order = (id: string, number: string, total: string): Item => ({
  ...keys(id, `O#${number}`),
  Total: { N: total },
});
const put = (item: Item, clock: string, more = 0, old?: Item) =>
  incrementalLine({ PK: item["PK"] ?? {}, SK: item["SK"] ?? {} } as Item, microsOf(time(clock), more), item, old);
const remove = (pk: string, sk: string, clock: string, old?: Item) =>
  incrementalLine(keys(pk, sk), microsOf(time(clock)), undefined, old);
const full = (items: readonly Item[]) =>
  exportFiles({ "full.json.gz": items.map((Item) => JSON.stringify({ Item })) }, { summary: { exportTime: FULL } });

describe("bulk with incremental exports", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  let database: EmulatorDatabase;
  let mappingFile: string;

  beforeEach(async () => {
    mappingFile = await writeMapping(folder(), mapping);
    database = await createMappedDatabase(mappingFile);
  });

  const load = async (files: readonly Files[], ...options: readonly string[]): Promise<Load> => {
    const input = join(folder(), "exports");
    await rm(input, { recursive: true, force: true });
    for (const each of files) await writeFiles(input, each);
    return runLoad({ database, mapping: mappingFile, input, folder: folder(), options });
  };
  const customers = () => queryRows(database, "SELECT CustomerId, Name, Points FROM Customers ORDER BY CustomerId");
  const orders = () =>
    queryRows(database, "SELECT CustomerId, OrderId, CAST(Total AS STRING) FROM Orders ORDER BY CustomerId, OrderId");
  /** What the stream would have left: row and version of a customer. */
  const streamed = (id: string, name: string, clock: string) =>
    changeRows(
      database,
      `INSERT INTO Customers (CustomerId, Name) VALUES ('${id}', '${name}')`,
      `INSERT INTO Customers_Versions (CustomerId, SequenceNumber, ChangedAt, Deleted, AppliedAt) VALUES ('${id}', '${"7".padStart(40, "0")}', TIMESTAMP '${time(clock)}', false, PENDING_COMMIT_TIMESTAMP())`,
    );

  const chain = () => [
    full([customer("a", "Ann", 1), customer("b", "Bob", 2), customer("c", "Cid", 3), order("c", "1", "1.50")]),
    incrementalFiles(
      {
        "one.json.gz": [
          put(customer("a", "Anna"), "10:01:00", 5, customer("a", "Ann", 1)),
          remove("b", "PROFILE", "10:02:00", customer("b", "Bob", 2)),
        ],
        "two.json.gz": [put(order("d", "9", "9"), "10:03:00"), put(customer("d", "Dan"), "10:03:00")],
      },
      { from: FULL, to: time("10:30:00") },
    ),
    incrementalFiles(
      {
        "three.json.gz": [
          put(customer("a", "Annette", 10), "10:31:00"),
          remove("c", "PROFILE", "10:32:00"),
          put(order("c", "2", "2"), "10:33:00"),
        ],
      },
      { from: time("10:30:00"), to: time("11:00:00"), view: "NEW_IMAGE" },
    ),
  ];

  it("applies a full export and those after it, and proves the chain", async () => {
    const result = await load(chain());
    expectExit(result, 0);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({ status: "proven", read: 11, written: 11, stale: 0, deadLettered: 0, expected: 11 });
    expect(summary.incremental).to.deep.equal({ exports: 2, undecided: 0, settled: 0, unproven: [] });
    expect(await customers()).to.deep.equal([
      ["a", "Annette", "10"],
      ["c", null, null],
      ["d", "Dan", null],
    ]);
    expect(await orders()).to.deep.equal([
      ["c", "O#1", "1.5"],
      ["c", "O#2", "2"],
      ["d", "O#9", "9"],
    ]);
    const versions = await queryRows(
      database,
      "SELECT CustomerId, WriteTimestampMicros, Deleted, TombstoneAt IS NULL FROM Customers_Versions ORDER BY CustomerId",
    );
    expect(versions).to.deep.equal([
      ["a", microsOf(time("10:31:00")), false, true],
      ["b", microsOf(time("10:02:00")), true, false],
      // Stands in for its orders: its tombstone must stay.
      ["c", microsOf(time("10:32:00")), true, true],
      ["d", microsOf(time("10:03:00")), false, true],
    ]);
  });

  it("changes nothing the second time, or in another order", async () => {
    const [, first, second] = chain() as [Files, Files, Files];
    const state = async () => [await customers(), await orders()];
    expectExit(await load(chain()), 0);
    const once = await state();
    const again = await load(chain());
    expectExit(again, 0);
    // The full export's load is finished, and counts as it did then.
    expect(expectAccounted(again.summary)).to.include({ stale: 7, written: 4 });
    expect(again.stderr).to.include("finished");
    expect(await state()).to.deep.equal(once);
    for (const part of [second, first]) {
      const alone = await load([part], "--full-export-time", FULL);
      expectExit(alone, 0);
      expect(expectAccounted(alone.summary)).to.include({ status: "unproven", written: 0 });
      expect(alone.stderr).to.match(/\[warn\] Unproven: What changed before/);
    }
    expect(await state()).to.deep.equal(once);
  });

  it("heals what a stream has missed, and leaves what it has applied since", async () => {
    await streamed("gone", "put before the gap", "09:59:59");
    await streamed("kept", "newer", "10:20:00");
    const part = incrementalFiles(
      { "gap.json.gz": [remove("gone", "PROFILE", "10:05:00"), put(customer("kept", "older"), "10:19:59", 999_999)] },
      { from: FULL, to: time("10:30:00") },
    );
    const result = await load([part], "--full-export-time", time("08:00:00"));
    expectExit(result, 0);
    expect(expectAccounted(result.summary)).to.include({ written: 1, stale: 1 });
    expect(await customers()).to.deep.equal([["kept", "newer", null]]);
  });

  const conflict = () =>
    incrementalFiles(
      { "same-second.json.gz": [put(customer("s", "exported", 5), "10:05:00", 400_000)] },
      { from: FULL, to: time("10:30:00") },
    );

  it("makes dead letters of what falls into one second and disagrees, and writes nothing", async () => {
    await streamed("s", "streamed", "10:05:00");
    const result = await load([conflict()], "--full-export-time", FULL);
    expectExit(result, 3);
    expect(expectAccounted(result.summary)).to.include({ status: "dead-letters", deadLettered: 1 });
    expect(result.summary?.incremental).to.include({ undecided: 1, settled: 0 });
    expect(result.deadLetters.map(({ code, table }) => [code, table])).to.deep.equal([
      ["E_CHANGE_ORDER_UNDECIDED", "Customers"],
    ]);
    expect(await customers()).to.deep.equal([["s", "streamed", null]]);
  });

  describe("and a source that can be read", () => {
    dynamoDbLocal.use();
    let client: DynamoDBClient;
    let table: string;
    beforeEach(async () => {
      client = await testDynamoDb();
      table = await createTestTable({ partitionKey: "PK", sortKey: "SK" });
    });
    afterEach(() => client.destroy());

    it("settles it by a read of the item", async () => {
      await streamed("s", "streamed", "10:05:00");
      await client.send(new PutItemCommand({ TableName: table, Item: toSdkItem(customer("s", "now", 6)) }));
      const result = await load([conflict()], "--full-export-time", FULL, "--source-table", table);
      expectExit(result, 0);
      expect(expectAccounted(result.summary)).to.include({ written: 1, deadLettered: 0 });
      expect(result.summary?.incremental).to.include({ undecided: 1, settled: 1 });
      expect(await customers()).to.deep.equal([["s", "now", "6"]]);
    });

    it("settles its dead letter by a replay, which takes other dead letters of lines too", async () => {
      await streamed("s", "streamed", "10:05:00");
      const orphan = incrementalFiles(
        { "orphan.json.gz": [put(order("late", "1", "1"), "10:31:00")] },
        { from: time("10:30:00"), to: time("11:00:00") },
      );
      expectExit(await load([conflict(), orphan], "--full-export-time", FULL), 3);
      await client.send(new PutItemCommand({ TableName: table, Item: toSdkItem(customer("s", "now", 6)) }));
      await changeRows(database, "INSERT INTO Customers (CustomerId, Name) VALUES ('late', 'Lea')");
      const words = ["replay", "--mapping", mappingFile, "--dead-letters", join(folder(), "dead-letters")];
      const unsettled = await runCommand([...words, ...targetWords(database)]);
      expectExit(unsettled, 3);
      expect(unsettled.stdout).to.match(/written\s+│\s+1 /);
      expect(await orders()).to.deep.equal([["late", "O#1", "1"]]);
      expectExit(await runCommand([...words, ...targetWords(database), "--source-table", table]), 0);
      expect(await customers()).to.deep.equal([
        ["late", "Lea", null],
        ["s", "now", "6"],
      ]);
    });

    it("removes the row of an item that is gone", async () => {
      await streamed("s", "streamed", "10:05:00");
      expectExit(await load([conflict()], "--full-export-time", FULL, "--source-table", table), 0);
      expect(await customers()).to.deep.equal([]);
    });

    it("refuses a table that is not there before anything is read", async () => {
      const result = await load([conflict()], "--full-export-time", FULL, "--source-table", "no-such-table");
      expectError(result, "E_TABLE_REQUEST", /no-such-table/);
    });
  });

  it("makes dead letters of lines that are no changes, of values that do not fit, and of children without a parent", async () => {
    const part = incrementalFiles(
      {
        "bad.json.gz": [
          "nonsense",
          JSON.stringify({ Item: customer("x", "X") }),
          incrementalLine({ PK: { S: "only" } }, microsOf(time("10:01:00"))),
          put({ ...customer("y", "Y"), Points: { S: "many" } }, "10:01:00"),
          put(order("nobody", "1", "1"), "10:01:00"),
          put(customer("z", "Z"), "10:01:00"),
        ],
      },
      { from: FULL, to: time("10:30:00") },
    );
    const result = await load([part], "--full-export-time", FULL);
    expectExit(result, 3);
    expect(expectAccounted(result.summary)).to.include({ read: 6, written: 1, deadLettered: 5 });
    expect(result.deadLetters.map(({ code }) => code)).to.deep.equal([
      "E_LINE_NOT_JSON",
      "E_LINE_NO_CHANGE",
      "E_CHANGE_KEYS",
      "E_CONVERSION_NOT_A_NUMBER",
      "E_PARENT_MISSING",
    ]);
    expect(await customers()).to.deep.equal([["z", "Z", null]]);
  });

  it("refuses a gap, a truncated file and a wrong count, and says which", async () => {
    const [first, , last] = chain() as [Files, Files, Files];
    expectError(await load([first, last]), "E_EXPORT_CHAIN_GAP", /10:00:00.000Z .+ to .+10:30:00.000Z/);
    expect(await customers()).to.deep.equal([]);
    const part = conflict();
    const packed = part.get("AWSDynamoDB/data/same-second.json.gz") ?? Buffer.alloc(0);
    const cut = new Map([...part, ["AWSDynamoDB/data/same-second.json.gz", packed.subarray(0, -9)] as const]);
    expectError(await load([cut], "--full-export-time", FULL), "E_EXPORT_FILE_TRUNCATED", /same-second/);
    const counts = incrementalFiles(
      { "a.json.gz": [] },
      { from: FULL, to: time("10:30:00"), summary: { itemCount: 1 } },
    );
    expectError(await load([counts], "--full-export-time", FULL), "E_EXPORT_MANIFEST", /says 1 items/);
    expect(await customers()).to.deep.equal([]);
  });

  it("refuses --exclusive, another runner than the direct one, and times that tombstones do not last for", async () => {
    expectError(await load([conflict()], "--full-export-time", FULL, "--exclusive"), "E_USAGE", /--exclusive/);
    expectError(await load([conflict()], "--full-export-time", FULL, "--runner", "flink"), "E_USAGE", /direct/);
    expectError(await load([conflict()], "--full-export-time", "soon"), "E_USAGE", /--full-export-time soon/);
    expectError(await load([conflict()]), "E_EXPORT_BASE_UNKNOWN", /is incremental/);
    const old = incrementalFiles({}, { from: "2024-01-01T00:00:00.000Z", to: "2024-01-01T01:00:00.000Z" });
    const time2024 = "2024-01-01T00:00:00Z";
    expectError(await load([old], "--full-export-time", time2024), "E_TOMBSTONES_TOO_SHORT", /holds changes of up to/);
  });
});
