import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, expect } from "chai";
import { createTestSubscription, pubSubEmulator } from "../support/pubsub";
import { receiveMessages } from "./received-messages";
import { putRecord } from "./stream-records";
import { bundle, callFunction, installLambdaDependencies, unzip } from "./unpacked-function";

describe("The function's package", function () {
  this.timeout(240_000);
  pubSubEmulator.use();

  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "function-"));
    await installLambdaDependencies();
    await bundle(join(folder, "function.zip"), [], { TZ: "Asia/Tokyo" });
    const index = unzip(await readFile(join(folder, "function.zip"))).get("index.js");
    await writeFile(join(folder, "index.js"), index?.contents ?? "");
  });
  after(() => rm(folder, { recursive: true }));

  it("has the same bytes wherever it is made, and files that Lambda may read", async () => {
    await bundle(join(folder, "again.zip"), [], { TZ: "America/New_York" });
    const zip = await readFile(join(folder, "function.zip"));
    expect((await readFile(join(folder, "again.zip"))).equals(zip)).to.equal(true);
    expect([...unzip(zip)].map(([name, { mode }]) => [name, mode & 0o777])).to.deep.equal([["index.js", 0o644]]);
  });

  it("publishes with nothing but what is in it", async () => {
    const { topic, subscription } = await createTestSubscription();
    const records = [putRecord("a", "1"), putRecord("b", "2")];
    const environment = {
      PUBSUB_EMULATOR_HOST: process.env["PUBSUB_EMULATOR_HOST"],
      METADATA_SERVER_DETECTION: "none",
      PUBSUB_TOPIC: topic,
    };
    const { answer, log } = await callFunction(records, { folder, environment });
    expect(answer, log).to.deep.equal({ batchItemFailures: [] });
    const messages = await receiveMessages(subscription, ({ length }) => length === 2);
    expect(messages.map(({ data }) => JSON.parse(data.toString()))).to.have.deep.members(records);
  });

  it("fails with a clear error when the topic is not configured", async () => {
    await callFunction([putRecord("a", "1")], { folder, environment: {} }).then(
      () => assert.fail("it should have failed"),
      (error: Error) =>
        expect(error.message).to.include("PUBSUB_TOPIC is not set").and.include("E_LAMBDA_CONFIGURATION"),
    );
  });

  it("takes an external account configuration along, but no key", async () => {
    const configuration = join(folder, "configuration.json");
    await writeFile(configuration, '{"type":"external_account","audience":"a"}');
    await bundle(join(folder, "federated.zip"), ["--credentials", configuration]);
    const file = unzip(await readFile(join(folder, "federated.zip"))).get("google-credentials.json");
    expect(file?.contents.toString()).to.equal('{"type":"external_account","audience":"a"}');

    await writeFile(configuration, '{"type":"service_account","private_key":"hidden"}');
    await bundle(join(folder, "key.zip"), ["--credentials", configuration]).then(
      () => assert.fail("a key must not be packed"),
      (error: Error) => expect(error.message).to.include("Secrets Manager").and.not.to.include("hidden"),
    );
    expect(existsSync(join(folder, "key.zip"))).to.equal(false);
  });
});
