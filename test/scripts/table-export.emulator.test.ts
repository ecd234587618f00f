import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { openExport } from "../../export/open-export";
import { setLogLevel } from "../../pipelines/log";
import type { AttributeValue, Item } from "../../schema/attribute-value";
import { parseExportLine } from "../../schema/export-line";
import { createTable } from "../../scripts/create-table";
import { itemSets, pagesOf } from "../../scripts/fake-data/item-set";
import { main as fakeData } from "../../scripts/fake-data/main";
import { main as tableExport } from "../../scripts/table-export/main";
import { dynamoDbLocal, testDynamoDb } from "../support/dynamodb";

describe("a table filled with made-up items and exported by a scan", () => {
  dynamoDbLocal.use();
  let folder: string;

  before(() => setLogLevel("error", true));
  after(() => setLogLevel("info", false));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "table-export-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const { set, total, segments } of [
    { set: "tutorial", total: 203, segments: 4 },
    { set: "hard", total: 203, segments: 3 },
    // More than the 1 MB that DynamoDB puts into one answer.
    { set: "wide", total: 1500, segments: 1 },
  ] as const) {
    it(`gives the same items: ${set}`, async () => {
      const table = `roundtrip-${set}`;
      const words = ["--set", set, "--items", String(total), "--seed", "9"];
      expect(await fakeData(["table", ...words, "--table", table, "--create"])).to.equal(0);
      expect(await tableExport(["--table", table, "--out", folder, "--segments", String(segments)])).to.equal(0);
      const exported = await openExport(folder);
      expect(exported.dataFiles).to.have.length(segments);
      expect(exported.summary?.itemCount).to.equal(total);
      const wanted = [...pagesOf(itemSets[set], { from: 0, to: total, total, seed: 9 })].flat();
      expect(sortedTexts(itemsBelow(exported.url))).to.deep.equal(sortedTexts(wanted));
    });
  }

  it("may be empty, and is not mixed with another export", async () => {
    const client = await testDynamoDb();
    await createTable(client, "empty", { partitionKey: "K" });
    client.destroy();
    expect(await tableExport(["--table", "empty", "--out", folder, "--segments", "2"])).to.equal(0);
    expect((await openExport(folder)).summary?.itemCount).to.equal(0);
    expect(await tableExport(["--table", "empty", "--out", folder])).to.equal(2);
    expect(await tableExport(["--table", "empty", "--out", folder, "--replace"])).to.equal(0);
    expect(readdirSync(join(folder, "AWSDynamoDB"))).to.have.length(1);
  });

  it("leaves nothing behind when the table does not exist", async () => {
    expect(await tableExport(["--table", "no-such-table", "--out", folder])).to.equal(1);
    expect(readdirSync(join(folder, "AWSDynamoDB"))).to.deep.equal([]);
  });
});

function itemsBelow(path: string): Item[] {
  return readdirSync(join(path, "data"))
    .map((name) => gunzipSync(readFileSync(join(path, "data", name))).toString())
    .flatMap((text) => text.split("\n").slice(0, -1))
    .map(parseExportLine);
}

/** Neither items, attributes nor the elements of sets have an order. */
function sortedTexts(items: readonly Item[]): string[] {
  return items.map((item) => JSON.stringify(withoutOrder({ M: item }))).sort();
}

function withoutOrder(value: AttributeValue): unknown {
  if (value.M !== undefined) {
    return Object.entries(value.M)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entry]) => [name, withoutOrder(entry)]);
  }
  if (value.L !== undefined) return value.L.map(withoutOrder);
  const set = value.SS ?? value.NS ?? value.BS;
  return set === undefined ? value : [Object.keys(value), set.toSorted()];
}
