import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import type { ErrorCode } from "../../errors/codes";
import { progressStatements } from "../../schema/ddl";
import { freePort } from "../../scripts/emulators/free-port";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { EXPORT_PATH, exportFiles, type Files, md5, setManifest, useFolder, writeFiles } from "../export/export-folder";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { detailsOf, expectError, type Load, PROCESS_MILLISECONDS, runLoad, sampleMapping } from "./load";
import { changeRows, countRows, createMappedDatabase } from "./mapped-database";

const mapping = sampleMapping("migration");
const line = (username: string) => JSON.stringify({ Item: { Username: { S: username } } });
const data = (name: string) => `${EXPORT_PATH}/data/${name}`;

/** Two data files with three items. */
const goodExport = () => exportFiles({ "aaaa.json.gz": [line("a1"), line("a2")], "bbbb.json.gz": [line("b1")] });

/** Changes a data file together with what the manifest says of it, so that only its content is at fault. */
function replaceProven(files: Files, name: string, content: Buffer): void {
  const manifest = `${EXPORT_PATH}/manifest-files`;
  const before = files.get(data(name)) ?? Buffer.alloc(0);
  files.set(data(name), content);
  setManifest(files, manifest, String(files.get(`${manifest}.json`)).replace(md5(before), md5(content)));
}

describe("bulk: bad input", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  let database: EmulatorDatabase;
  before(async () => {
    database = await createMappedDatabase(mapping);
  });

  const load = (options: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Load> =>
    runLoad({ database, mapping, input: join(folder(), "export"), folder: folder(), options, environment });
  const loadFiles = async (files: Files, options: readonly string[] = []): Promise<Load> => {
    await writeFiles(join(folder(), "export"), files);
    return load(options);
  };

  describe("an export at fault", () => {
    const cases: readonly {
      readonly title: string;
      readonly files: () => Files;
      readonly code: ErrorCode;
      readonly message: RegExp;
      readonly details?: readonly RegExp[];
      /** Rows of the files before the one at fault. */
      readonly rows?: number;
    }[] = [
      {
        title: "a data file is missing",
        files: () => {
          const files = goodExport();
          files.delete(data("bbbb.json.gz"));
          return files;
        },
        code: "E_EXPORT_FILE_MISSING",
        message: /data\/bbbb\.json\.gz is missing: the manifest names it/,
      },
      {
        title: "a data file was altered",
        files: () => {
          const files = goodExport();
          const other = exportFiles({ "bbbb.json.gz": [line("b2")] });
          return files.set(data("bbbb.json.gz"), other.get(data("bbbb.json.gz")) ?? Buffer.alloc(0));
        },
        code: "E_EXPORT_FILE_ALTERED",
        message: /data\/bbbb\.json\.gz was altered: its MD5 is \S+==, the manifest says \S+==/,
        rows: 2,
      },
      {
        title: "a data file's gzip ends too early, though its MD5 is the manifest's",
        files: () => {
          const files = goodExport();
          replaceProven(files, "aaaa.json.gz", (files.get(data("aaaa.json.gz")) ?? Buffer.alloc(0)).subarray(0, -5));
          return files;
        },
        code: "E_EXPORT_FILE_TRUNCATED",
        message: /data\/aaaa\.json\.gz ends before its gzip data does/,
      },
      {
        title: "a data file holds one item fewer than the manifest says, though its MD5 is the manifest's",
        files: () => {
          const files = goodExport();
          const fewer = exportFiles({ "aaaa.json.gz": [line("a1")] });
          replaceProven(files, "aaaa.json.gz", fewer.get(data("aaaa.json.gz")) ?? Buffer.alloc(0));
          return files;
        },
        code: "E_EXPORT_ITEM_COUNT",
        message: /data\/aaaa\.json\.gz holds 1 items?, the manifest says 2/,
      },
      {
        title: "there is a data file that the manifest does not name",
        files: () => {
          const files = goodExport();
          const extra = exportFiles({ "cccc.json.gz": [line("c1")] });
          return files.set(data("cccc.json.gz"), extra.get(data("cccc.json.gz")) ?? Buffer.alloc(0));
        },
        code: "E_EXPORT_FILE_UNEXPECTED",
        message: /data\/cccc\.json\.gz is not named by the manifest/,
      },
      {
        title: "the folder holds two exports",
        files: () =>
          new Map([
            ...exportFiles({ "aaaa.json.gz": [line("a")] }, { path: "june/AWSDynamoDB/01700000000000-0a1b2c3d" }),
            ...exportFiles({ "bbbb.json.gz": [line("b")] }, { path: "july/AWSDynamoDB/01710000000000-4e5f6a7b" }),
          ]),
        code: "E_EXPORT_SEVERAL",
        message: /holds 2 DynamoDB exports/,
        details: [/july\/AWSDynamoDB\/01710000000000-4e5f6a7b$/, /june\/AWSDynamoDB\/01700000000000-0a1b2c3d$/],
      },
      {
        title: "the folder holds no export",
        files: () => new Map([["readme.txt", Buffer.from("nothing")]]),
        code: "E_EXPORT_NOT_FOUND",
        message: /export is no DynamoDB export and holds none/,
      },
      {
        title: "the export has not finished",
        files: () => {
          const files = goodExport();
          files.delete(`${EXPORT_PATH}/manifest-summary.json`);
          files.delete(`${EXPORT_PATH}/manifest-summary.md5`);
          return files;
        },
        code: "E_EXPORT_INCOMPLETE",
        message: /has no manifest-summary\.json, which DynamoDB writes at the end/,
      },
      {
        title: "the export is incremental and does not say of which time",
        files: () => exportFiles({ "aaaa.json.gz": [line("a")] }, { summary: { exportType: "INCREMENTAL_EXPORT" } }),
        code: "E_EXPORT_MANIFEST",
        message: /exportFromTime undefined is no time/,
      },
    ];

    beforeEach(() => changeRows(database, "DELETE FROM Migration WHERE TRUE", "DELETE FROM DynamoDB_Loads WHERE TRUE"));

    for (const { title, files, code, message, details, rows = 0 } of cases) {
      it(title, async () => {
        const result = await loadFiles(files());
        expectError(result, code, message);
        const found = detailsOf(result);
        if (details !== undefined) expect(found).to.have.length(details.length);
        details?.forEach((detail, index) => {
          expect(found[index]).to.match(detail);
        });
        expect(await countRows(database, "Migration"), "nothing of a file at fault").to.equal(rows);
      });
    }

    it("is told of together with what was written before it showed", async () => {
      // The last block of a file waits for the proof of its file; the ones before do not.
      const wide = Array.from({ length: 1200 }, (_, index) => line(`${index}-${"x".repeat(1000)}`));
      const files = exportFiles({ "aaaa.json.gz": wide });
      const packed = files.get(data("aaaa.json.gz")) ?? Buffer.alloc(0);
      files.set(data("aaaa.json.gz"), Buffer.concat([packed, Buffer.from("x")]));
      const result = await loadFiles(files);
      expectError(result, "E_EXPORT_FILE_ALTERED", /bytes after the end of its gzip data/);
      const rows = await countRows(database, "Migration");
      expect(rows).to.be.greaterThan(0).and.lessThan(1200);
      expect(result.summary).to.include({ status: "failed", written: rows, expected: 1200 });
      expect(detailsOf(result).join()).to.match(/Rows of the first \d+ items of .* may already be written/);
    });
  });

  it("refuses a folder that is not there", async () => {
    expectError(await load(), "E_STORAGE_NOT_FOUND", /\/export does not exist/);
  });

  it("refuses an address that is none", async () => {
    const input = "s3://bucket/export";
    const result = await runLoad({ database, mapping, input, folder: folder() });
    expectError(result, "E_STORAGE_URL", /"s3:\/\/bucket\/export" is neither/);
  });

  describe("a database at fault", () => {
    beforeEach(() => writeFiles(join(folder(), "export"), goodExport()));
    const loadInto = (target: EmulatorDatabase, options: readonly string[] = []): Promise<Load> =>
      runLoad({ database: target, mapping, input: join(folder(), "export"), folder: folder(), options });

    it("a table is missing", async () => {
      const result = await loadInto(await createTestDatabase([]));
      expectError(result, "E_SCHEMA_DIFFERS", /the database does not fit the mapping: 4 differences/);
      const details = detailsOf(result).join("\n");
      expect(details).to.match(/\bMigration\b/);
      expect(details).to.match(/\bMigration_Versions\b/);
      expect(details)
        .to.match(/\bDynamoDB_Loads\b/)
        .and.to.match(/\bDynamoDB_LoadParts\b/);
    });

    it("needs no version table with --exclusive", async () => {
      const target = await createTestDatabase([
        "CREATE TABLE Migration (Username STRING(1024) NOT NULL, PointsEarned INT64, ReminderDate DATE," +
          " Subscribed BOOL, Zipcode INT64) PRIMARY KEY (Username)",
        ...progressStatements("googlesql"),
      ]);
      expectError(await loadInto(target), "E_SCHEMA_DIFFERS", /one difference/);
      expect((await loadInto(target, ["--exclusive"])).exitCode).to.equal(0);
    });

    it("a table differs: all differences are listed", async () => {
      const target = await createTestDatabase([
        "CREATE TABLE Migration (Username STRING(64) NOT NULL, PointsEarned FLOAT64, Subscribed BOOL," +
          " Zipcode INT64, Needed STRING(10) NOT NULL) PRIMARY KEY (Username DESC)",
        ...progressStatements("googlesql"),
      ]);
      const result = await loadInto(target, ["--exclusive"]);
      expectError(result, "E_SCHEMA_DIFFERS", /the database does not fit the mapping: 5 differences/);
      const details = detailsOf(result);
      for (const column of ["Username", "PointsEarned", "ReminderDate", "Needed", "DESC"]) {
        expect(details.some((detail) => detail.includes(column))).to.equal(true, `${column} in ${details.join("\n")}`);
      }
    });

    it("does not exist", async () => {
      expectError(
        await loadInto({ ...database, database: "nowhere" }),
        "E_SPANNER_DATABASE_NOT_FOUND",
        /database nowhere of instance test-instance/,
      );
    });

    it("its instance does not exist", async () => {
      expectError(await loadInto({ ...database, instance: "nowhere" }), "E_SPANNER_INSTANCE_NOT_FOUND", /nowhere/);
    });

    const unreachable = async (address: string): Promise<void> => {
      const started = performance.now();
      const result = await load(["--spanner-timeout", "5"], { SPANNER_EMULATOR_HOST: address });
      expectError(result, "E_SPANNER_UNREACHABLE", /test-instance/);
      expect(performance.now() - started).to.be.lessThan(60_000);
    };

    it("can't be reached: nothing listens there", async () => {
      await unreachable(`127.0.0.1:${await freePort()}`);
    });

    it("can't be reached: what listens there never answers", async () => {
      const server = createServer(() => undefined).listen(0, "127.0.0.1");
      const sockets = new Set<{ destroy(): void }>();
      server.on("connection", (socket) => sockets.add(socket));
      await new Promise((resolve) => server.once("listening", resolve));
      try {
        await unreachable(`127.0.0.1:${(server.address() as { port: number }).port}`);
      } finally {
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    });
  });

  describe("a place for results at fault", () => {
    beforeEach(async () => {
      await writeFiles(join(folder(), "export"), goodExport());
      await writeFile(join(folder(), "file"), "");
    });

    it("dead letters can't be written: nothing is loaded", async () => {
      const target = await createMappedDatabase(mapping);
      const result = await runLoad({
        database: target,
        mapping,
        input: join(folder(), "export"),
        folder: folder(),
        options: ["--dead-letters", join(folder(), "file", "below")],
      });
      expectError(result, "E_DEAD_LETTERS_UNWRITABLE", /--dead-letters .*file\/below/);
      expect(await countRows(target, "Migration")).to.equal(0);
    });

    for (const [title, path] of [
      ["its folder is none", "file/summary.json"],
      ["its folder is not there", "none/summary.json"],
      ["it is a folder", "export"],
    ] as const) {
      it(`the summary can't be written, ${title}: nothing is loaded`, async () => {
        const target = await createMappedDatabase(mapping);
        const result = await runLoad({
          database: target,
          mapping,
          input: join(folder(), "export"),
          folder: folder(),
          options: ["--summary", join(folder(), path)],
        });
        expectError(result, "E_SUMMARY_UNWRITABLE", /--summary .* can't be written/);
        expect(await countRows(target, "Migration")).to.equal(0);
        expect(await readdir(join(folder(), "export"))).to.deep.equal(["AWSDynamoDB"]);
      });
    }
  });
});
