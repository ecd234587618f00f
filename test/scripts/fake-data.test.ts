import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import type { ManifestFile } from "../../export/manifest";
import { attributeOf, type Item, itemSize } from "../../schema/attribute-value";
import { parseExportLine } from "../../schema/export-line";
import { compileItemConverter } from "../../schema/item-converter";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { rangesOf, writeFakeExport } from "../../scripts/fake-data/fake-export";
import { type ItemSetName, itemSetNames, itemSets, pagesOf } from "../../scripts/fake-data/item-set";

const sample = join(process.cwd(), "sample");

describe("made-up exports", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fake-export-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const set of itemSetNames) {
    it(`are the same to the byte for the same options: ${set}`, async () => {
      const options = { set, items: 700, seed: 42, files: 3 };
      const [first, second] = await Promise.all([
        writeFakeExport({ ...options, folder: join(folder, "first") }),
        writeFakeExport({ ...options, folder: join(folder, "second") }),
      ]);
      expect(filesBelow(second.path)).to.deep.equal(filesBelow(first.path));
      const other = await writeFakeExport({ ...options, seed: 43, folder: join(folder, "other") });
      expect(itemsOf(other.path)).to.not.deep.equal(itemsOf(first.path));
    });

    it(`hold what their manifests say: ${set}`, async () => {
      const { path } = await writeFakeExport({ set, items: 1234, seed: 7, files: 5, folder });
      expectTrueManifests(path, 1234);
      expect(itemsOf(path)).to.deep.equal(
        [...pagesOf(itemSets[set], { from: 0, to: 1234, total: 1234, seed: 7 })].flat(),
      );
    });
  }

  it("may have no items, and files without items", async () => {
    const { path } = await writeFakeExport({ set: "hard", items: 0, seed: 1, files: 3, folder });
    expectTrueManifests(path, 0);
    for (const name of readdirSync(join(path, "data"))) expect(statSync(join(path, "data", name)).size).to.equal(20);
    const few = await writeFakeExport({ set: "hard", items: 7, seed: 1, files: 5, folder: join(folder, "few") });
    expectTrueManifests(few.path, 7);
  });

  it("lie in a folder that looks like DynamoDB's", async () => {
    const { path } = await writeFakeExport({ set: "tutorial", items: 10, seed: 1, files: 2, folder });
    expect(path).to.match(/\/AWSDynamoDB\/\d{14}-[0-9a-f]{8}$/);
    const names = Object.keys(filesBelow(path)).sort();
    expect(names.filter((name) => !name.startsWith("data/"))).to.deep.equal([
      "_started",
      "manifest-files.json",
      "manifest-files.md5",
      "manifest-summary.json",
      "manifest-summary.md5",
    ]);
    for (const name of names.filter((name) => name.startsWith("data/"))) {
      expect(name).to.match(/^data\/[a-z0-9]{26}\.json\.gz$/);
    }
  });
});

describe("made-up items", () => {
  for (const set of itemSetNames) {
    it(`have keys of their own and a size that DynamoDB takes: ${set}`, () => {
      const { partitionKey, sortKey } = itemSets[set];
      const items = itemsUpTo(set, 3000);
      const keys = new Set(
        items.map((item) => JSON.stringify([attributeOf(item, partitionKey), sortKey && attributeOf(item, sortKey)])),
      );
      expect(keys.size).to.equal(items.length);
      expect(Math.max(...items.map(itemSize))).to.be.lessThan(400 * 1024);
    });
  }

  it("of the tutorial sometimes lack each attribute but the key", () => {
    const items = itemsUpTo("tutorial", 2000);
    for (const name of ["PointsEarned", "ReminderDate", "Subscribed", "Zipcode"]) {
      const lacking = items.filter((item) => !Object.hasOwn(item, name)).length;
      expect(lacking, name).to.be.within(40, 200);
    }
    expect(items.every((item) => Object.hasOwn(item, "Username"))).to.equal(true);
  });

  it("do not depend on how many there are, nor on the file they are written to", () => {
    const few = itemsUpTo("tutorial", 10);
    expect(itemsUpTo("tutorial", 1000).slice(0, 10)).to.deep.equal(few);
  });

  it("of the hard set use every type, names that mean something to JavaScript, and come children first", () => {
    const items = itemsUpTo("hard", 1000);
    const text = items.map((item) => JSON.stringify(item)).join("\n");
    for (const tag of ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]) {
      expect(text, tag).to.contain(`{"${tag}":`);
    }
    expect(text).to.contain('"__proto__":').and.contain('"constructor":');
    const sortKeys = items.slice(0, 5).map((item) => attributeOf(item, "SK")?.S);
    expect(sortKeys.at(-1)).to.equal("PROFILE");
    expect(sortKeys).to.deep.equal(sortKeys.toSorted());
  });

  it("are cut into ranges that lose nothing and split no group", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 5), (total, count, groupSize) => {
        const ranges = rangesOf(total, count, groupSize);
        expect(ranges).to.have.length(count);
        expect(ranges[0]?.from).to.equal(0);
        expect(ranges.at(-1)?.to).to.equal(total);
        for (const [index, { from, to }] of ranges.entries()) {
          expect(to).to.be.at.least(from);
          expect(from).to.equal(ranges[index - 1]?.to ?? 0);
          if (from < total) expect(from % groupSize).to.equal(0);
        }
      }),
    );
  });

  for (const { set, mapping } of [
    { set: "tutorial", mapping: "migration" },
    { set: "hard", mapping: "hard" },
  ] as const) {
    it(`all become rows by the sample's mapping: ${mapping}`, () => {
      const file = join(sample, `${mapping}.mapping.json`);
      const plan = planMigration(parseMapping(readFileSync(file, "utf8"), file));
      expect(plan.source.table).to.equal(itemSets[set].table);
      const convert = compileItemConverter(plan);
      for (const item of itemsUpTo(set, 5000)) {
        expect(convert(parseExportLine(JSON.stringify({ Item: item }))).kind).to.equal("row");
      }
    });
  }
});

function itemsUpTo(set: ItemSetName, total: number): readonly Item[] {
  return [...pagesOf(itemSets[set], { from: 0, to: total, total, seed: 1 })].flat();
}

/** Reads the export with nothing of this project's own. */
function expectTrueManifests(path: string, itemCount: number): void {
  const read = (name: string) => readFileSync(join(path, name));
  const summary = JSON.parse(read("manifest-summary.json").toString());
  expect(summary).to.include({ itemCount, outputFormat: "DYNAMODB_JSON", exportType: "FULL_EXPORT" });
  const files: ManifestFile[] = read("manifest-files.json")
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const folder = summary.manifestFilesS3Key.replace(/manifest-files\.json$/, "");
  expect(files.map(({ dataFileS3Key }) => dataFileS3Key.replace(`${folder}data/`, "")).toSorted()).to.deep.equal(
    readdirSync(join(path, "data")).toSorted(),
  );
  for (const file of files) {
    const packed = read(file.dataFileS3Key.slice(folder.length));
    expect(file.md5Checksum).to.equal(createHash("md5").update(packed).digest("base64"));
    expect(file.itemCount).to.equal(gunzipSync(packed).toString().split("\n").length - 1);
  }
  expect(files.reduce((sum, file) => sum + file.itemCount, 0)).to.equal(itemCount);
  for (const name of ["manifest-summary", "manifest-files"]) {
    expect(read(`${name}.md5`).toString()).to.equal(
      createHash("md5")
        .update(read(`${name}.json`))
        .digest("base64"),
    );
  }
}

/** The items of an export in the order of its manifest. */
function itemsOf(path: string): unknown[] {
  return readFileSync(join(path, "manifest-files.json"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).dataFileS3Key.replace(/^.*\/data\//, "data/"))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(path, name)))
        .toString()
        .split("\n")
        .slice(0, -1),
    )
    .map((line) => JSON.parse(line).Item);
}

function filesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString("base64")]));
}
