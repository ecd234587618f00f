import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { assert, expect } from "chai";
import { createTestSubscription, pubSubEmulator } from "../support/pubsub";
import { receiveMessages } from "./received-messages";
import { putRecord } from "./stream-records";

const run = promisify(execFile);
/** The sources lie beside the folder that the tests were compiled to, however deep that is. */
const lambdaFolder = sourceFolder(__dirname);

function sourceFolder(from: string): string {
  const candidate = join(from, "lambda", "bundle.mjs");
  return existsSync(candidate) ? join(from, "lambda") : sourceFolder(join(from, ".."));
}

const centralEntry = 0x02014b50;
const endOfDirectory = 0x06054b50;

/** The files of a zip archive, by its central directory. */
function unzip(zip: Buffer): Map<string, { readonly contents: Buffer; readonly mode: number }> {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(endOfDirectory).buffer));
  const files = new Map();
  for (let entry = zip.readUInt32LE(end + 16); zip.readUInt32LE(entry) === centralEntry; ) {
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString("utf8", entry + 46, entry + 46 + nameLength);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const contents = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(entry + 20)));
    files.set(name, { contents, mode: zip.readUInt32LE(entry + 38) >>> 16 });
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return files;
}

describe("The function's package", function () {
  this.timeout(180_000);
  pubSubEmulator.use();

  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "function-"));
    if (!existsSync(join(lambdaFolder, "node_modules", ".package-lock.json"))) {
      await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: lambdaFolder });
    }
  });
  after(() => rm(folder, { recursive: true }));

  const bundle = (zip: string, words: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, [join(lambdaFolder, "bundle.mjs"), "--out", zip, ...words], {
      cwd: folder,
      env: { ...process.env, ...environment },
    });

  it("has the same bytes wherever it is made", async () => {
    await bundle(join(folder, "one.zip"), [], { TZ: "Asia/Tokyo" });
    await bundle(join(folder, "two.zip"), [], { TZ: "America/New_York" });
    const [one, two] = await Promise.all([readFile(join(folder, "one.zip")), readFile(join(folder, "two.zip"))]);
    expect(one.equals(two)).to.equal(true);
    expect([...unzip(one).keys()]).to.deep.equal(["index.js"]);
  });

  it("publishes with nothing but what is in it", async () => {
    const { topic, subscription } = await createTestSubscription();
    await bundle(join(folder, "function.zip"));
    const index = unzip(await readFile(join(folder, "function.zip"))).get("index.js");
    assert(index !== undefined);
    expect(index.mode & 0o444).to.equal(0o444);
    await writeFile(join(folder, "index.js"), index.contents);
    const event = { Records: [putRecord("a", "1"), putRecord("b", "2")] };
    const call = `
      const context = { getRemainingTimeInMillis: () => 20000 };
      require("./index.js").handler(${JSON.stringify(event)}, context).then((answer) => {
        process.stdout.write(JSON.stringify(answer), () => process.exit());
      });`;
    const { stdout, stderr } = await run(process.execPath, ["-e", call], {
      cwd: folder,
      env: { ...process.env, NODE_PATH: "", PUBSUB_TOPIC: topic },
    });
    expect(JSON.parse(stdout), stderr).to.deep.equal({ batchItemFailures: [] });
    const messages = await receiveMessages(subscription, ({ length }) => length === 2);
    expect(messages.map(({ data }) => JSON.parse(data.toString()))).to.have.deep.members(event.Records);
  });

  it("fails with a clear error when the topic is not configured", async () => {
    const call = `require("./index.js").handler({ Records: [${JSON.stringify(putRecord("a", "1"))}] })
      .catch((error) => process.stdout.write(error.code + ": " + error.message));`;
    const { stdout } = await run(process.execPath, ["-e", call], { cwd: folder, env: { PATH: process.env["PATH"] } });
    expect(stdout).to.match(/^E_LAMBDA_CONFIGURATION: .*PUBSUB_TOPIC is not set/);
  });

  it("takes an external account configuration along, but no key", async () => {
    const configuration = join(folder, "wif.json");
    await writeFile(configuration, '{"type":"external_account","audience":"a"}');
    await bundle(join(folder, "wif.zip"), ["--credentials", configuration]);
    const file = unzip(await readFile(join(folder, "wif.zip"))).get("google-credentials.json");
    expect(file?.contents.toString()).to.equal('{"type":"external_account","audience":"a"}');

    await writeFile(configuration, '{"type":"service_account","private_key":"hidden"}');
    await bundle(join(folder, "key.zip"), ["--credentials", configuration]).then(
      () => assert.fail("a key must not be packed"),
      (error: Error) => expect(error.message).to.include("Secrets Manager").and.not.to.include("hidden"),
    );
    expect(existsSync(join(folder, "key.zip"))).to.equal(false);
  });
});
