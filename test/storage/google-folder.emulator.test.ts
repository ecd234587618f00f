import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { File } from "@google-cloud/storage";
import { expect } from "chai";
import { openExport } from "../../export/open-export";
import { type Folder, READ_CHUNK_BYTES } from "../../storage/folder";
import { REQUEST_SECONDS, storageClient } from "../../storage/google-client";
import { downloadChunks } from "../../storage/google-download";
import { withDeadline } from "../../storage/google-error";
import { openFolder } from "../../storage/open-folder";
import { EXPORT_PATH, exportFiles, md5 } from "../export/export-folder";
import { expectFailure } from "../export/failure";
import { createTestBucket, storageEmulator, testStorage } from "../support/storage";

describe("A Cloud Storage folder", () => {
  storageEmulator.use();

  let bucket = "";
  let folder: Folder;
  beforeEach(async () => {
    bucket = await createTestBucket();
    folder = openFolder(`gs://${bucket}/some/prefix`);
  });

  it("writes, lists and reads", async () => {
    const content = randomBytes(3 * READ_CHUNK_BYTES + 17);
    await folder.write("b/large", content);
    await folder.write("a", Buffer.from("old"));
    await folder.write("a", Buffer.from("new"));
    await folder.write("empty", Buffer.alloc(0));
    await openFolder(`gs://${bucket}`).write("some/prefix-not/x", Buffer.from("x"));
    const bytes = Object.fromEntries((await folder.list()).map((entry) => [entry.name, entry.bytes]));
    expect(bytes).to.deep.equal({ a: 3, "b/large": content.length, empty: 0 });
    expect((await folder.list("b/"))[0]).to.deep.equal({ name: "b/large", bytes: content.length, md5: md5(content) });
    expect((await folder.readWhole("a")).toString()).to.equal("new");
    expect((await folder.readWhole("empty")).length).to.equal(0);
    expect((await readChunks(folder, "b/large")).equals(content)).to.equal(true);
  });

  it("does not list the markers of folders", async () => {
    await (await testStorage()).bucket(bucket).file("some/prefix/sub/").save("", { resumable: false });
    await folder.write("sub/x", Buffer.from("x"));
    expect((await folder.list()).map(({ name }) => name)).to.deep.equal(["sub/x"]);
  });

  it("gives stored bytes, also of objects that are marked as gzip", async () => {
    const packed = gzipSync("text");
    const file = (await testStorage()).bucket(bucket).file("some/prefix/x.json.gz");
    await file.save(packed, { resumable: false, metadata: { contentEncoding: "gzip" } });
    expect((await folder.readWhole("x.json.gz")).equals(packed)).to.equal(true);
  });

  it("creates an object only if its name is free", async () => {
    expect(await folder.create("x", Buffer.from("first"))).to.equal(true);
    expect(await folder.create("x", Buffer.from("second"))).to.equal(false);
    expect(await folder.create("x", Buffer.from("first"))).to.equal(true);
    expect((await folder.readWhole("x")).toString()).to.equal("first");
  });

  it("removes an object, and does not mind if there is none", async () => {
    await folder.write("x", Buffer.from("x"));
    await folder.remove("x");
    await folder.remove("x");
    expect(await folder.list()).to.deep.equal([]);
  });

  it("proves that it can be written, without a trace", async () => {
    await folder.probeWritable();
    expect(await openFolder(`gs://${bucket}`).list()).to.deep.equal([]);
  });

  it("says which bucket or object is absent", async () => {
    const wrong = openFolder("gs://no-such-bucket/prefix");
    await expectFailure(wrong.list(), "E_STORAGE_NOT_FOUND", /gs:\/\/no-such-bucket\/prefix does not exist/);
    await expectFailure(wrong.readWhole("x"), "E_STORAGE_NOT_FOUND", /gs:\/\/no-such-bucket\/prefix\/x/);
    await expectFailure(wrong.write("x", Buffer.from("x")), "E_STORAGE_NOT_FOUND", /gs:\/\/no-such-bucket\/prefix\/x/);
    await expectFailure(wrong.probeWritable(), "E_STORAGE_NOT_FOUND", /gs:\/\/no-such-bucket\/prefix/);
    await expectFailure(folder.readWhole("nothing"), "E_STORAGE_NOT_FOUND", /prefix\/nothing/);
    await expectFailure(readChunks(folder, "nothing"), "E_STORAGE_NOT_FOUND", /prefix\/nothing/);
  });

  it("closes a download that its reader leaves", async () => {
    await folder.write("large", randomBytes(4 * READ_CHUNK_BYTES));
    for await (const _ of folder.read("large")) {
      break;
    }
  });

  it("holds an export, and shows an altered file before a byte of it is read", async () => {
    const files = exportFiles({ "a.json.gz": ['{"Item":{}}'], "b.json.gz": [] });
    for (const [name, content] of files) {
      await folder.write(name, content);
    }
    const { url, dataFiles } = await openExport(`gs://${bucket}`);
    expect(url).to.equal(`gs://${bucket}/some/prefix/${EXPORT_PATH}`);
    expect(dataFiles.map((file) => file.url)).to.deep.equal([`${url}/data/a.json.gz`, `${url}/data/b.json.gz`]);
    await folder.write(`${EXPORT_PATH}/data/a.json.gz`, gzipSync("{}"));
    await expectFailure(openExport(`gs://${bucket}`), "E_EXPORT_FILE_ALTERED", /a\.json\.gz was altered/);
  });

  describe("behind a line that breaks", () => {
    let line: BreakingLine;
    before(async () => {
      const { address } = await storageEmulator.running();
      line = await BreakingLine.to(address);
      process.env["STORAGE_EMULATOR_HOST"] = line.address;
    });
    after(async () => {
      process.env["STORAGE_EMULATOR_HOST"] = `http://${(await storageEmulator.running()).address}`;
      await line.close();
    });

    afterEach(() => {
      line.bytesPerConnection = Number.POSITIVE_INFINITY;
    });

    /** With limits that a test can wait for. */
    function download(name: string): AsyncGenerator<Buffer> {
      const open = (): File => storageClient().bucket(bucket).file(name);
      return downloadChunks(`gs://${bucket}/${name}`, open, { idleSeconds: 0.5, giveUpSeconds: 2 });
    }

    it("goes on with a download where it stopped, and proves the whole", async () => {
      const content = randomBytes(2_000_000);
      await openFolder(`gs://${bucket}`).write("x", content);
      line.bytesPerConnection = 700_000;
      expect((await collect(download("x"))).equals(content)).to.equal(true);
      expect(line.broken).to.be.greaterThan(1);
    });

    it("gives up on a download that gets no further", async () => {
      await openFolder(`gs://${bucket}`).write("x", randomBytes(12_000_000));
      const chunks = download("x");
      await chunks.next();
      line.bytesPerConnection = 0;
      await expectFailure(collect(chunks), "E_STORAGE_UNREACHABLE", /\/x could not be reached: nothing came/);
    });

    it("notices that the object was replaced meanwhile", async () => {
      await openFolder(`gs://${bucket}`).write("x", Buffer.alloc(12_000_000, "old"));
      const chunks = download("x");
      await chunks.next();
      await openFolder(`gs://${bucket}`).write("x", Buffer.alloc(12_000_000, "new"));
      line.breakAll();
      await expectFailure(collect(chunks), "E_STORAGE_NOT_FOUND", /\/x does not exist/);
    });
  });
});

describe("A storage service that fails", () => {
  let server: Server;
  let status = 200;
  let answer: (url: URL) => string = () => "{}";
  const saved = process.env["STORAGE_EMULATOR_HOST"];
  before(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/json" });
      const url = new URL(request.url ?? "", "http://localhost");
      response.end(url.searchParams.get("alt") === "media" ? "altered" : answer(url));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    process.env["STORAGE_EMULATOR_HOST"] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    if (saved === undefined) {
      delete process.env["STORAGE_EMULATOR_HOST"];
    } else {
      process.env["STORAGE_EMULATOR_HOST"] = saved;
    }
  });

  it("is told apart when it denies permission", async () => {
    status = 403;
    answer = () =>
      JSON.stringify({ error: { code: 403, message: "someone does not have storage.objects.list access" } });
    const folder = openFolder("gs://bucket/prefix");
    await expectFailure(
      folder.list(),
      "E_STORAGE_PERMISSION",
      /gs:\/\/bucket\/prefix: permission denied: .*storage\.objects\.list/,
    );
    await expectFailure(folder.readWhole("x"), "E_STORAGE_PERMISSION", /gs:\/\/bucket\/prefix\/x/);
    await expectFailure(folder.probeWritable(), "E_STORAGE_PERMISSION", /gs:\/\/bucket\/prefix/);
    await expectFailure(folder.create("x", Buffer.from("x")), "E_STORAGE_PERMISSION", /gs:\/\/bucket\/prefix\/x/);
  });

  it("is noticed when what arrives is not what it keeps, by MD5 or CRC32C", async () => {
    status = 200;
    for (const [checksum, name] of [
      [{ md5Hash: md5(Buffer.from("correct")) }, "MD5"],
      [{ crc32c: "AAAAAA==" }, "CRC32C"],
    ] as const) {
      answer = () => JSON.stringify({ name: "x", size: "7", generation: "1", ...checksum });
      await expectFailure(
        openFolder("gs://bucket").readWhole("x"),
        "E_STORAGE_CORRUPT",
        new RegExp(`gs://bucket/x: .*${name}`),
      );
    }
    // The CRC-32C of what arrives, in base64.
    for (const checksum of [{ md5Hash: md5(Buffer.from("altered")), crc32c: "AAAAAA==" }, { crc32c: "Nqz8Sw==" }]) {
      answer = () => JSON.stringify({ name: "x", size: "7", generation: "1", ...checksum });
      expect((await openFolder("gs://bucket").readWhole("x")).toString()).to.equal("altered");
    }
  });

  it("may list its files on several pages", async () => {
    status = 200;
    const files = Array.from({ length: 5 }, (_, index) => ({ name: `prefix/${index}`, size: "1" }));
    answer = (url) => {
      const page = Number(url.searchParams.get("pageToken") ?? "0");
      const next = page < 2 ? { nextPageToken: String(page + 1) } : {};
      return JSON.stringify({ items: files.slice(2 * page, 2 * page + 2), ...next });
    };
    const entries = await openFolder("gs://bucket/prefix").list();
    expect(entries).to.deep.equal(["0", "1", "2", "3", "4"].map((name) => ({ name, bytes: 1 })));
  });

  it("ends in an error within a minute, whatever it does", async () => {
    status = 503;
    answer = () => "try later";
    const start = Date.now();
    const ofFailing = openFolder("gs://bucket").list();
    process.env["STORAGE_EMULATOR_HOST"] = "127.0.0.1:1";
    const ofAbsent = openFolder("gs://bucket").list();
    const silence = new Promise<never>(() => undefined);
    const ofSilent = withDeadline("gs://bucket", () => silence, 0.1);
    await Promise.all([
      expectFailure(ofFailing, "E_STORAGE_UNREACHABLE", /gs:\/\/bucket could not be reached/),
      expectFailure(ofAbsent, "E_STORAGE_UNREACHABLE", /ECONNREFUSED/),
      expectFailure(ofSilent, "E_STORAGE_UNREACHABLE", /no answer within 0\.1 seconds/),
    ]);
    expect(Date.now() - start).to.be.lessThan(60_000);
    expect(REQUEST_SECONDS).to.be.lessThan(60);
  }).timeout(240_000);
});

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) {
    all.push(chunk);
  }
  return Buffer.concat(all);
}

async function readChunks(folder: Folder, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of folder.read(name)) {
    expect(chunk.length).to.be.within(1, READ_CHUNK_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Passes connections on to a server, and breaks each after so many bytes of answers. */
class BreakingLine {
  bytesPerConnection = Number.POSITIVE_INFINITY;
  broken = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: ReturnType<typeof createTcpServer>) {}

  static async to(address: string): Promise<BreakingLine> {
    const [host = "", port = ""] = address.split(":");
    const server = createTcpServer();
    const line = new BreakingLine(server);
    server.on("connection", (near) => {
      const far = connect(Number(port), host);
      let bytes = 0;
      for (const socket of [near, far]) {
        line.sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          line.sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.on("data", (data) => {
        bytes += data.length;
        if (bytes > line.bytesPerConnection) {
          line.broken++;
          near.destroy();
        } else {
          near.write(data);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  breakAll(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  async close(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
