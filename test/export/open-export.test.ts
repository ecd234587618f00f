import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { type ExportedTable, openExport, openWithoutManifest } from "../../export/open-export";
import { EXPORT_PATH, exportFiles, type Files, md5, setManifest, useFolder, writeFiles } from "./export-folder";
import { expectFailure } from "./failure";

const LINES = {
  "b.json.gz": ['{"Item":{"Id":{"N":"2"}}}', '{"Item":{"Id":{"N":"3"}}}'],
  "a.json.gz": ['{"Item":{"Id":{"N":"1"}}}'],
};

describe("openExport", () => {
  const folder = useFolder();

  async function open(files: Files, path = ""): Promise<ExportedTable> {
    await writeFiles(folder(), files);
    return openExport(join(folder(), path));
  }

  for (const path of ["", "AWSDynamoDB", EXPORT_PATH]) {
    it(`finds the export from ${path === "" ? "the folder above" : path}`, async () => {
      const { url, dataFiles, summary } = await open(exportFiles(LINES), path);
      expect(url).to.equal(join(folder(), EXPORT_PATH));
      expect(summary?.itemCount).to.equal(3);
      expect(dataFiles.map(({ name, proof }) => [name, proof?.itemCount])).to.deep.equal([
        ["data/a.json.gz", 1],
        ["data/b.json.gz", 2],
      ]);
      expect(dataFiles[0]?.url).to.equal(join(url, "data/a.json.gz"));
      expect(dataFiles[0]?.proof?.md5).to.match(/^[\w+/]{22}==$/);
    });
  }

  it("finds an export far below, and one that was copied under another name", async () => {
    expect((await open(exportFiles(LINES, { path: `deep/down/${EXPORT_PATH}` }))).dataFiles).to.have.length(2);
    const renamed = [...exportFiles(LINES)].map(
      ([name, content]) => [name.replace(EXPORT_PATH, "copy"), content] as const,
    );
    await writeFiles(join(folder(), "other"), new Map(renamed));
    const { url, dataFiles } = await openExport(join(folder(), "other"));
    expect(relative(folder(), url)).to.equal("other/copy");
    expect(dataFiles.map(({ name }) => name)).to.deep.equal(["data/a.json.gz", "data/b.json.gz"]);
  });

  it("takes a relative path and a file:// URL", async () => {
    await writeFiles(folder(), exportFiles(LINES));
    expect((await openExport(relative(process.cwd(), folder()))).dataFiles).to.have.length(2);
    expect((await openExport(`file://${folder()}`)).dataFiles).to.have.length(2);
  });

  it("needs neither _started nor checksum files", async () => {
    const files = exportFiles(LINES);
    for (const name of files.keys()) {
      if (name.endsWith(".md5") || name.endsWith("_started")) {
        files.delete(name);
      }
    }
    expect((await open(files)).dataFiles).to.have.length(2);
  });

  it("takes a table without items, with and without data files", async () => {
    expect((await open(exportFiles({}))).dataFiles).to.deep.equal([]);
    await rm(join(folder(), "AWSDynamoDB"), { recursive: true });
    const { dataFiles, summary } = await open(exportFiles({ "a.json.gz": [], "b.json.gz": [] }));
    expect(summary?.itemCount).to.equal(0);
    expect(dataFiles[0]?.proof?.md5).to.equal(dataFiles[1]?.proof?.md5);
  });

  it("finds a data file by its key whatever prefix the manifest tells", async () => {
    const files = exportFiles(LINES, {
      summary: { manifestFilesS3Key: "AWSDynamoDB/01700000000000-0a1b2c3d/manifest-files.json" },
    });
    expect((await open(files)).dataFiles).to.have.length(2);
  });

  it("overlooks what file managers leave in the data folder", async () => {
    const files = exportFiles(LINES);
    files.set(`${EXPORT_PATH}/data/.DS_Store`, Buffer.from("x"));
    expect((await open(files)).dataFiles).to.have.length(2);
  });

  it("refuses a folder without an export", async () => {
    await expectFailure(open(new Map([["notes.txt", Buffer.from("x")]])), "E_EXPORT_NOT_FOUND", /holds none/);
    await expectFailure(openExport(join(folder(), "absent")), "E_STORAGE_NOT_FOUND", /absent does not exist/);
    await expectFailure(async () => openExport("s3://bucket/prefix"), "E_STORAGE_URL", /s3:\/\/bucket\/prefix/);
  });

  it("refuses several exports and lists them, finished or not", async () => {
    const files = new Map([...exportFiles(LINES), ...exportFiles(LINES, { path: "old/AWSDynamoDB/0160-aa" })]);
    files.set("AWSDynamoDB/0170-started/_started", Buffer.alloc(0));
    const { details } = await expectFailure(open(files), "E_EXPORT_SEVERAL", /holds 3 DynamoDB exports/);
    expect(details).to.deep.equal(
      [EXPORT_PATH, "AWSDynamoDB/0170-started", "old/AWSDynamoDB/0160-aa"].map((path) => join(folder(), path)).sort(),
    );
  });

  it("refuses an export that has not finished", async () => {
    const files = exportFiles(LINES);
    files.delete(`${EXPORT_PATH}/manifest-summary.json`);
    await expectFailure(open(files), "E_EXPORT_INCOMPLETE", /has no manifest-summary\.json/);
    await rm(join(folder(), EXPORT_PATH, "manifest-files.json"));
    await expectFailure(openExport(folder()), "E_EXPORT_INCOMPLETE", /has no manifest-summary\.json/);
    await rm(join(folder(), EXPORT_PATH), { recursive: true });
    await expectFailure(
      open(exportFiles(LINES, { summary: { exportStatus: "FAILED" } })),
      "E_EXPORT_INCOMPLETE",
      /FAILED/,
    );
  });

  it("refuses other formats and incremental exports by name", async () => {
    await expectFailure(open(exportFiles(LINES, { summary: { outputFormat: "ION" } })), "E_EXPORT_FORMAT", /ION/);
    const incremental = {
      version: "2023-08-01",
      exportType: "INCREMENTAL_EXPORT",
      exportTime: undefined,
      exportFromTime: "2023-09-18T17:00:00.000Z",
      exportToTime: "2023-09-19T04:00:00.000Z",
      outputView: "NEW_AND_OLD_IMAGES",
    };
    const files = exportFiles(LINES, { summary: incremental });
    files.set("AWSDynamoDB/data/x.json.gz", gzipSync(""));
    await expectFailure(open(files), "E_EXPORT_INCREMENTAL", /INCREMENTAL_EXPORT/);
  });

  it("refuses a missing data file and names each", async () => {
    const files = exportFiles({ ...LINES, "c.json.gz": [] });
    files.delete(`${EXPORT_PATH}/data/a.json.gz`);
    files.delete(`${EXPORT_PATH}/data/c.json.gz`);
    const { message, details } = await expectFailure(
      open(files),
      "E_EXPORT_FILE_MISSING",
      /a\.json\.gz is missing|c\.json\.gz is missing/,
    );
    expect([message, ...details].join("\n"))
      .to.match(/a\.json\.gz/)
      .and.to.match(/c\.json\.gz/);
  });

  it("refuses a data file that the manifest does not name", async () => {
    for (const name of ["z.json.gz", "z.json", "sub/a.json.gz"]) {
      const files = exportFiles(LINES);
      files.set(`${EXPORT_PATH}/data/${name}`, gzipSync(""));
      await expectFailure(open(files), "E_EXPORT_FILE_UNEXPECTED", new RegExp(`${name} is not named`));
      await rm(join(folder(), EXPORT_PATH), { recursive: true });
    }
  });

  it("refuses an altered manifest, with its MD5 in base64 or in hexadecimal", async () => {
    for (const name of ["manifest-summary", "manifest-files"]) {
      for (const [extension, encoding] of [
        ["md5", "base64"],
        ["checksum", "hex"],
      ] as const) {
        const files = exportFiles(LINES);
        const content = files.get(`${EXPORT_PATH}/${name}.json`) ?? Buffer.alloc(0);
        files.delete(`${EXPORT_PATH}/${name}.md5`);
        const checksum = Buffer.from(md5(content), "base64").toString(encoding);
        files.set(`${EXPORT_PATH}/${name}.${extension}`, Buffer.from(`${checksum}\n`));
        expect((await open(files)).dataFiles).to.have.length(2);
        await writeFile(join(folder(), EXPORT_PATH, `${name}.json`), `${content} `);
        await expectFailure(openExport(folder()), "E_EXPORT_MANIFEST", new RegExp(`${name}\\.json was altered`));
        await rm(join(folder(), EXPORT_PATH), { recursive: true });
      }
    }
  });

  it("refuses manifests that contradict each other", async () => {
    await expectFailure(
      open(exportFiles(LINES, { summary: { itemCount: 4 } })),
      "E_EXPORT_MANIFEST",
      /says 4 items, .* have 3/,
    );
    const files = exportFiles(LINES);
    const name = `${EXPORT_PATH}/manifest-files`;
    const text = String(files.get(`${name}.json`));
    setManifest(files, name, text + text);
    await expectFailure(open(files), "E_EXPORT_MANIFEST", /names the data file data\/b\.json\.gz twice/);
  });

  it("refuses manifests that are no manifests, and names line and field", async () => {
    const name = `${EXPORT_PATH}/manifest-files`;
    const good =
      '{"itemCount":0,"md5Checksum":"1B2M2Y8AsgTpgAmY7PhCfg==","etag":"x","dataFileS3Key":"AWSDynamoDB/1/data/a.json.gz"}\n';
    for (const [text, message] of [
      [`${good}{`, /line 2 is not JSON/],
      [good.replace('"itemCount":0', '"itemCount":-1'), /line 1 is not a manifest/],
      [good.replace('"itemCount":0', '"itemCount":"0"'), /line 1 is not a manifest/],
      [good.replace("1B2M2Y8AsgTpgAmY7PhCfg==", "1B2M"), /md5Checksum of data\/a\.json\.gz is no MD5/],
      [good.replace("1/data/a.json.gz", "1/../../etc/passwd"), /does not lie in the export's folder/],
      [good.replace("AWSDynamoDB/1/data", "elsewhere"), /does not lie in the export's folder/],
    ] as const) {
      const files = exportFiles({});
      setManifest(files, name, text);
      await expectFailure(open(files), "E_EXPORT_MANIFEST", message);
    }
    for (const [text, message] of [
      ["not json", /is not JSON/],
      ["[]", /is not a manifest/],
      ['{"outputFormat":"DYNAMODB_JSON","manifestFilesS3Key":"x"}', /is not a manifest/],
    ] as const) {
      const files = exportFiles({});
      setManifest(files, `${EXPORT_PATH}/manifest-summary`, text);
      await expectFailure(open(files), "E_EXPORT_MANIFEST", message);
    }
  });
});

describe("openWithoutManifest", () => {
  const folder = useFolder();

  it("takes every *.json.gz below the folder, and proves nothing", async () => {
    await writeFiles(
      folder(),
      new Map(["x/b.json.gz", "a.json.gz", "c.json", "d.gz"].map((name) => [name, gzipSync("")])),
    );
    const { dataFiles, summary } = await openWithoutManifest(folder());
    expect(summary).to.equal(undefined);
    expect(dataFiles).to.deep.equal(
      ["a.json.gz", "x/b.json.gz"].map((name) => ({ folder: folder(), name, url: join(folder(), name), bytes: 20 })),
    );
  });

  it("refuses a folder without such files", async () => {
    await expectFailure(openWithoutManifest(folder()), "E_EXPORT_NOT_FOUND", /no \*\.json\.gz/);
  });
});
