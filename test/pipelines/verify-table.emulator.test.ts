import { setTimeout as pause } from "node:timers/promises";
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { toSdkItem } from "../../dynamodb/sdk-item";
import type { Item } from "../../schema/attribute-value";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeTable } from "../../scripts/fake-data/write-table";
import { exportFiles, useFolder, writeFiles } from "../export/export-folder";
import { createTestTable, dynamoDbLocal, testDynamoDb } from "../support/dynamodb";
import { expectExit, PROCESS_MILLISECONDS, runLoad, writeMapping } from "./load";
import { changeRows, createMappedDatabase } from "./mapped-database";
import { corruptions } from "./verify-corruptions";
import { everyTypeItem, everyTypeMapping, idOf, runVerification } from "./verify-fixture";

const ITEMS = process.env["LONG_TESTS"] === undefined ? 1_000 : 100_000;

describe("verify --source-table", function () {
  this.timeout(PROCESS_MILLISECONDS * (ITEMS > 10_000 ? 30 : 5));
  dynamoDbLocal.use();
  const folder = useFolder();
  let client: DynamoDBClient;
  let table: string;
  let mapping: string;
  let database: EmulatorDatabase;

  beforeEach(async () => {
    client = await testDynamoDb();
    table = await createTestTable({ partitionKey: "PK", sortKey: "SK" });
    mapping = await writeMapping(folder(), everyTypeMapping);
    database = await createMappedDatabase(mapping);
  });

  afterEach(() => client.destroy());

  /** The same items in the table and, loaded from an export of them, in Spanner. */
  async function fill(items: readonly Item[]): Promise<void> {
    await writeTable(client, table, [items]);
    await writeFiles(folder(), exportFiles({ "a.json.gz": items.map((Item) => JSON.stringify({ Item })) }));
    expectExit(await runLoad({ database, mapping, input: folder(), folder: folder() }), 0);
  }

  const verify = (...words: readonly string[]) =>
    runVerification(folder(), database, ["--mapping", mapping, "--source-table", table, ...words]);

  it("catches each corruption, and nothing else", async () => {
    const awkward: Item = {
      PK: { S: "awkward" },
      SK: { S: "ALL" },
      ...JSON.parse('{"__proto__":{"S":"kept"},"constructor":{"M":{"__proto__":{"N":"1"}}}}'),
    };
    await fill([...Array.from({ length: ITEMS }, (_, index) => everyTypeItem(index)), awkward]);
    // A row that the stream has written is compared like any other.
    await changeRows(
      database,
      `INSERT INTO Every_Versions (Id, SequenceNumber, Deleted, AppliedAt) VALUES ('${idOf(0)}', '0000000000000000000000000000000000000007', false, PENDING_COMMIT_TIMESTAMP())`,
    );
    const clean = await verify();
    expect(clean.found).to.deep.equal([]);
    expectExit(clean, 0);
    expect(clean.summary).to.include({ status: "equal", equal: ITEMS + 1, rows: ITEMS + 1, behind: 0 });

    const all = corruptions();
    await changeRows(
      database,
      ...all.flatMap(({ statements }) => statements),
      "UPDATE Every SET Rest = PARSE_JSON(REPLACE(TO_JSON_STRING(Rest), 'kept', 'lost')) WHERE Id = 'awkward'",
    );
    const spoilt = await verify("--recheck", "1");
    expectExit(spoilt, 4);
    expect(spoilt.found).to.deep.equal(
      [...all.flatMap(({ reported }) => reported), "different Every awkward Rest"].sort(),
    );
  });

  it("waits for what is on its way, and calls what still moves behind", async () => {
    await fill(Array.from({ length: 50 }, (_, index) => everyTypeItem(index)));
    const put = (item: Item) => client.send(new PutItemCommand({ TableName: table, Item: toSdkItem(item) }));
    const changed = { ...everyTypeItem(0), S: { S: "changed" } };
    await put(changed);
    await put({ ...everyTypeItem(2), PK: { S: "new" } });
    await client.send(
      new DeleteItemCommand({ TableName: table, Key: toSdkItem({ PK: { S: idOf(1) }, SK: { S: "ALL" } }) }),
    );
    const running = verify("--recheck", "15");
    const moving = new AbortController();
    const hot = (async () => {
      for (let count = 0; !moving.signal.aborted; count++) {
        await put({ ...everyTypeItem(3), S: { S: `moves ${count}` } });
        await pause(50);
      }
    })();
    // Long after the first look.
    await pause(5_000);
    await changeRows(
      database,
      `UPDATE Every SET S = 'changed' WHERE Id = '${idOf(0)}'`,
      `DELETE FROM Every WHERE Id = '${idOf(1)}'`,
      `INSERT INTO Every (Id, S, I, F, G, N, B, D, T, J, Y, A, C, Rest) SELECT 'new', S, I, F, G, N, B, D, T, J, Y, A, C, Rest FROM Every WHERE Id = '${idOf(2)}'`,
    );
    const result = await running;
    moving.abort();
    await hot;
    expect(result.found).to.deep.equal([]);
    expectExit(result, 0);
    expect(result.summary).to.include({ status: "behind", behind: 1, different: 0, missing: 0, extra: 0 });
  });

  it("raises no false alarm while a stream runs, finds what is spoilt beneath it, and repairs that alone", async () => {
    await fill(Array.from({ length: ITEMS }, (_, index) => everyTypeItem(index)));
    const all = corruptions();
    await changeRows(database, ...all.flatMap(({ statements }) => statements));
    const spoilt = new Set(all.flatMap(({ reported }) => reported.map((line) => line.split(" ")[2]?.split("/")[0])));
    const writer = startWriter(spoilt);

    const found = await verify("--recheck", "8");
    expect(found.found).to.deep.equal(all.flatMap(({ reported }) => reported).sort());
    const repaired = await verify("--recheck", "8", "--repair", "--delete-extra");
    expect(repaired.summary).to.include({ different: 0, missing: 0, extra: 0 });
    expectExit(repaired, 0);
    const changes = await writer.stop();
    expect(changes).to.be.greaterThan(20);

    const clean = await verify("--recheck", "0");
    expect(clean.found).to.deep.equal([]);
    expect(clean.summary).to.include({ status: "equal", equal: clean.summary.rows });
  });

  /** Puts and deletes items, and brings each change to Spanner a moment later, with its version, as the stream does. */
  function startWriter(spared: ReadonlySet<string | undefined>) {
    const lag = 700;
    let stopped = false;
    let changes = 0;
    const write = async () => {
      for (let index = 100; !stopped; index = 100 + ((index + 7) % 800)) {
        const item = everyTypeItem(index);
        const id = item["PK"]?.S ?? "";
        if (index % 10 >= 8 || spared.has(id)) continue;
        changes++;
        const goes = changes % 4 === 0;
        const keys = toSdkItem({ PK: { S: id }, SK: { S: "ALL" } });
        const text = `changed ${changes}`;
        if (goes) await client.send(new DeleteItemCommand({ TableName: table, Key: keys }));
        else await client.send(new PutItemCommand({ TableName: table, Item: { ...keys, S: { S: text } } }));
        await pause(lag);
        const version = `('${id}', '${String(changes).padStart(40, "0")}', ${goes}, PENDING_COMMIT_TIMESTAMP())`;
        await changeRows(
          database,
          goes
            ? `DELETE FROM Every WHERE Id = '${id}'`
            : `INSERT OR UPDATE INTO Every (Id, S, I, F, G, N, B, D, T, J, Y, A, C, Rest) VALUES ('${id}', '${text}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, JSON '{"SK":{"S":"ALL"}}')`,
          `INSERT OR UPDATE INTO Every_Versions (Id, SequenceNumber, Deleted, AppliedAt) VALUES ${version}`,
        );
      }
    };
    const writing = write();
    return {
      async stop(): Promise<number> {
        stopped = true;
        await writing;
        return changes;
      },
    };
  }
});
