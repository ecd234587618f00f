import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { parseDeadLetter } from "../../transforms/dead-letter";
import { EXPORT_PATH, exportFiles, type Files, useFolder, writeFiles } from "../export/export-folder";
import { spannerEmulator } from "../support/spanner";
import { createTestBucket, storageEmulator, testStorage } from "../support/storage";
import { expectAccounted, expectError, expectExit, PROCESS_MILLISECONDS, runLoad, sampleMapping } from "./load";
import { countRows, createMappedDatabase } from "./mapped-database";

const mapping = sampleMapping("migration");
const item = (username: string, more = "") => `{"Item":{"Username":{"S":"${username}"}${more}}}`;

async function upload(bucket: string, prefix: string, files: Files): Promise<void> {
  const storage = await testStorage();
  for (const [name, content] of files) {
    await storage.bucket(bucket).file(`${prefix}${name}`).save(content, { resumable: false });
  }
}

describe("bulk: Cloud Storage", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  storageEmulator.use();
  const folder = useFolder();
  let database: EmulatorDatabase;
  beforeEach(async () => {
    database = await createMappedDatabase(mapping);
  });

  it("reads an export from gs:// and writes dead letters to gs://", async () => {
    const bucket = await createTestBucket();
    const lines = [item("a"), item("b", ',"Zipcode":{"S":"x"}'), item("c")];
    await upload(
      bucket,
      "exports/",
      exportFiles({ "aaaa.json.gz": lines, "bbbb.json.gz": [item("d")], "cccc.json.gz": [] }),
    );
    const result = await runLoad({
      database,
      mapping,
      input: `gs://${bucket}/exports`,
      folder: folder(),
      options: ["--dead-letters", `gs://${bucket}/letters`],
    });
    expectExit(result, 3);
    const summary = expectAccounted(result.summary);
    expect(summary).to.include({ status: "dead-letters", read: 4, written: 3, deadLettered: 1, expected: 4 });
    const file = `gs://${bucket}/exports/${EXPORT_PATH}/data/aaaa.json.gz`;
    expect(summary.files[0]).to.include({ file });
    expect(await countRows(database, "Migration")).to.equal(3);

    const [letters] = await (await testStorage()).bucket(bucket).getFiles({ prefix: "letters/" });
    expect(letters.map(({ name }) => name).join()).to.match(/^letters\/dead-letters-\S+-1\.jsonl$/);
    const [content] = (await letters[0]?.download()) ?? [];
    const letter = parseDeadLetter(String(content).trimEnd(), "the object");
    expect(letter).to.deep.include({ payload: lines[1], source: { file, line: 2 } });
  });

  it("a bucket that is not there is an error", async () => {
    const input = "gs://no-such-bucket-of-anyone/exports";
    const result = await runLoad({ database, mapping, input, folder: folder() });
    expectError(result, "E_STORAGE_NOT_FOUND", /gs:\/\/no-such-bucket-of-anyone\/exports does not exist/);
  });

  it("a bucket for dead letters that is not there is an error before the first row", async () => {
    await writeFiles(folder(), exportFiles({ "aaaa.json.gz": [item("a")] }));
    const options = ["--dead-letters", "gs://no-such-bucket-of-anyone/letters"];
    const result = await runLoad({ database, mapping, input: folder(), folder: folder(), options });
    expectError(result, "E_DEAD_LETTERS_UNWRITABLE", /gs:\/\/no-such-bucket-of-anyone\/letters/);
    expect(await countRows(database, "Migration")).to.equal(0);
  });

  it("an object that was altered after the copy is an error before the first row", async () => {
    const bucket = await createTestBucket();
    const files = exportFiles({ "aaaa.json.gz": [item("a")] });
    const other = exportFiles({ "aaaa.json.gz": [item("b")] });
    const name = `${EXPORT_PATH}/data/aaaa.json.gz`;
    files.set(name, other.get(name) ?? Buffer.alloc(0));
    await upload(bucket, "", files);
    const result = await runLoad({ database, mapping, input: `gs://${bucket}`, folder: folder() });
    expectError(result, "E_EXPORT_FILE_ALTERED", /aaaa\.json\.gz was altered/);
    expect(await countRows(database, "Migration")).to.equal(0);
  });

  describe("without permission", () => {
    // The emulator knows no permissions: this server refuses as Cloud Storage does.
    let server: Server;
    const reason = "nobody@example.com does not have storage.objects.list access to the Google Cloud Storage bucket.";
    before(async () => {
      server = createServer((_request, response) => {
        response.writeHead(403, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: { code: 403, message: reason, errors: [{ reason: "forbidden" }] } }));
      }).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });
    const environment = () => ({ STORAGE_EMULATOR_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

    it("to read, the error says which", async () => {
      const input = "gs://somebody-elses/exports";
      const result = await runLoad({ database, mapping, input, folder: folder(), environment: environment() });
      expectError(result, "E_STORAGE_PERMISSION", /gs:\/\/somebody-elses\/exports: permission denied: .*objects\.list/);
    });

    it("to write dead letters, the error comes before the first row", async () => {
      await writeFiles(folder(), exportFiles({ "aaaa.json.gz": [item("a")] }));
      const options = ["--dead-letters", "gs://somebody-elses/letters"];
      const result = await runLoad({
        database,
        mapping,
        input: folder(),
        folder: folder(),
        options,
        environment: environment(),
      });
      expectError(result, "E_DEAD_LETTERS_UNWRITABLE", /gs:\/\/somebody-elses\/letters.*permission denied/);
      expect(await countRows(database, "Migration")).to.equal(0);
    });
  });
});
