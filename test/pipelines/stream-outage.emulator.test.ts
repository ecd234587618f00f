import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { freePort } from "../../scripts/emulators/free-port";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { finalState, itemsMapping, putItem, randomChanges } from "./item-changes";
import { createStreamFixture, type StreamFixture, until } from "./stream-fixture";

const LONG = process.env["LONG_TESTS"] !== undefined;

describe("a stream while servers are out of reach", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  const changes = randomChanges({ seed: 4, items: 20, changes: 60 });
  let fixture: StreamFixture;
  let pubsub: GrpcProxy;
  let spanner: GrpcProxy;
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
    pubsub = await startGrpcProxy((await pubSubEmulator.running()).address);
    spanner = await startGrpcProxy((await spannerEmulator.running()).address);
    environment = { PUBSUB_EMULATOR_HOST: pubsub.address, SPANNER_EMULATOR_HOST: spanner.address };
  });
  afterEach(async () => {
    await fixture.remove();
    await Promise.all([pubsub.stop(), spanner.stop()]);
  });

  const untilAllApplied = () =>
    until(async () => JSON.stringify(await fixture.itemsState()) === JSON.stringify(finalState(changes)));

  it("waits for a Spanner that goes away in the middle of a window, says so, and goes on", async () => {
    await fixture.publish(changes);
    const hold = spanner.hold("Commit", "request", 3);
    const stream = fixture.start("outage", [], environment);
    await hold.reached();
    await spanner.down();
    hold.drop();
    await stream.waitForError(/WARN|warn/);
    await stream.waitForError(/No change is lost; trying again in 5 s/);
    expect((await fixture.itemsState()).versions.length).to.be.below(finalState(changes).versions.length);
    await spanner.up();
    await untilAllApplied();
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
    const { read, applied, stale, superseded, status } = await fixture.summary("outage");
    expect({ read, ended: applied + stale + superseded, status }).to.deep.equal({
      read: changes.length,
      ended: changes.length,
      status: "proven",
    });
  });

  (LONG ? it : it.skip)("says so, and goes on, when Spanner keeps its connections but does not answer", async () => {
    await fixture.publish(changes);
    const commit = spanner.hold("Commit", "request", 3);
    const rollback = spanner.hold("Rollback", "request");
    const stream = fixture.start("hangs", ["--spanner-timeout", "10"], environment);
    await commit.reached();
    const hung = performance.now();
    await stream.waitForError(/No change is lost; trying again in 5 s/);
    // A request is given 10 s, and another one within the 15 s of an attempt at a window.
    expect(performance.now() - hung).to.be.below(30_000);
    commit.drop();
    rollback.drop();
    await untilAllApplied();
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
  });

  it("ends during an outage of Spanner when told to, and gives its messages back", async () => {
    await fixture.publish(changes);
    const hold = spanner.hold("Commit", "request");
    const stream = fixture.start("told", [], environment);
    await hold.reached();
    await spanner.down();
    hold.drop();
    await stream.waitForError(/No change is lost/);
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("E_SPANNER_UNREACHABLE");
    const next = await fixture.start("next", ["--stop-when-idle", "3"]).finished;
    expect(next.exitCode, next.stderr).to.equal(0);
    expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
  });

  it("says that Pub/Sub is out of reach and when it is back, and goes on", async () => {
    const stream = fixture.start("pubsub", [], environment);
    await stream.waitForError(/Applying changes/);
    await fixture.publish([putItem("first", 1, 1)]);
    await until(async () => (await fixture.itemsState()).rows.length === 1);
    await pubsub.down();
    await fixture.publish([putItem("second", 2, 2)]);
    await stream.waitForError(/Pub\/Sub can't be reached since 2.*No change is lost/);
    await pubsub.up();
    await stream.waitForError(/Pub\/Sub can be reached again, after \d/);
    await until(async () => (await fixture.itemsState()).rows.length === 2);
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
  });

  it("does not wait for ever to acknowledge, nor to end, when Pub/Sub goes between commit and acknowledgement", async () => {
    await fixture.publish(changes);
    const hold = pubsub.hold("Acknowledge", "request");
    const stream = fixture.start("unacknowledged", [], environment);
    await hold.reached();
    await pubsub.down();
    hold.drop();
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
    expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
  });

  it("says within 40 seconds that Pub/Sub does not answer at the start", async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const started = performance.now();
    const refused = fixture.start("refused", [], { PUBSUB_EMULATOR_HOST: nowhere });
    const hold = pubsub.hold("GetSubscription", "request");
    const silent = fixture.start("silent", [], environment);
    for (const { exitCode, stderr } of [await refused.finished, await silent.finished]) {
      expect(exitCode, stderr).to.equal(1);
      expect(stderr).to.contain("E_PUBSUB_UNREACHABLE");
    }
    expect(performance.now() - started).to.be.below(60_000);
    hold.drop();
  });

  it("says at the start that there are no credentials, or that they don't exist or have expired", async () => {
    const tokens = createServer((_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error":"invalid_grant","error_description":"Token has been expired or revoked."}');
    });
    tokens.listen(0, "127.0.0.1").unref();
    await once(tokens, "listening");
    const expired = await writeFederation(
      fixture.folder,
      `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/`,
    );
    const google = { PUBSUB_EMULATOR_HOST: "", METADATA_SERVER_DETECTION: "none", HOME: fixture.folder };
    const streams = ["", "/no/such/key.json", expired].map((file) =>
      fixture.start("credentials", [], { ...google, GOOGLE_APPLICATION_CREDENTIALS: file }),
    );
    for (const { exitCode, stderr } of await Promise.all(streams.map(({ finished }) => finished))) {
      expect(exitCode, stderr).to.equal(1);
      expect(stderr).to.contain("E_PUBSUB_CREDENTIALS").and.to.contain("gcloud auth application-default login");
      expect(stderr).to.not.match(/^\s+at /m);
    }
    tokens.close();
  });
});

/** Credentials whose token service is at this address. */
async function writeFederation(folder: string, tokenUrl: string): Promise<string> {
  const subject = join(folder, "subject-token");
  await writeFile(subject, "token");
  const file = join(folder, "federation.json");
  const configuration = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: tokenUrl,
    credential_source: { file: subject },
  };
  await writeFile(file, JSON.stringify(configuration));
  return file;
}
