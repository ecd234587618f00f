import { expect } from "chai";
import { changeGap } from "../../pipelines/stream-summary";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { finalState, itemsMapping, putItem, randomChanges } from "./item-changes";
import { watchLeases } from "./leases";
import { createStreamFixture, type StreamFixture, until } from "./stream-fixture";

describe("how a stream ends", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  let fixture: StreamFixture;
  let spanner: GrpcProxy;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
    spanner = await startGrpcProxy((await spannerEmulator.running()).address);
  });
  afterEach(async () => {
    await fixture.remove();
    await spanner.stop();
  });

  it("finishes its window at SIGTERM, gives the rest back at once, and shows what it did", async () => {
    const changes = randomChanges({ seed: 5, items: 60, changes: 400 });
    await fixture.publish(changes);
    const hold = spanner.hold("Commit", "request", 2);
    const words = ["--window-messages", "100"];
    const first = fixture.start("first", words, { SPANNER_EMULATOR_HOST: spanner.address });
    await hold.reached();
    first.process.kill("SIGTERM");
    await first.waitForError(/SIGTERM: finishing the window/);
    hold.release();
    const { exitCode, stdout, stderr } = await first.finished;
    expect(exitCode, stderr).to.equal(0);
    const summary = await fixture.summary("first");
    expect(summary).to.include({ status: "proven", windows: 1, deadLettered: 0, waiting: 0 });
    expect(summary.read).to.be.within(100, 399);
    expect(changeGap(summary)).to.equal(undefined);
    expect(stdout).to.match(new RegExp(`messages read\\s*│\\s*${summary.read}\\b`));

    // A lease lasts for a minute: within 3 idle ones there is only what was given back.
    const second = await fixture.start("second", ["--stop-when-idle", "3"]).finished;
    expect(second.exitCode, second.stderr).to.equal(0);
    expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
    expect((await fixture.summary("second")).read).to.equal(changes.length - summary.read);
  });

  it("ends at once at a second signal, and loses nothing", async () => {
    await fixture.publish([putItem("a", 1, 1)]);
    const hold = spanner.hold("Commit", "request");
    const pubsub = await startGrpcProxy((await pubSubEmulator.running()).address);
    const leases = watchLeases(pubsub);
    const environment = { SPANNER_EMULATOR_HOST: spanner.address, PUBSUB_EMULATOR_HOST: pubsub.address };
    const stream = fixture.start("twice", [], environment);
    await hold.reached();
    stream.process.kill("SIGTERM");
    await stream.waitForError(/once more ends at once/);
    stream.process.kill("SIGTERM");
    expect((await stream.finished).exitCode).to.equal(1);
    hold.drop();
    await leases.expire(fixture.subscription);
    await pubsub.stop();
    const next = fixture.start("next");
    await until(async () => (await fixture.itemsState()).rows.length === 1);
    next.process.kill("SIGTERM");
    expect((await next.finished).exitCode).to.equal(0);
  });

  it("ends at a signal while it waits for a first message, and when it has been idle for long enough", async () => {
    const told = fixture.start("told");
    const idle = fixture.start("idle", ["--stop-when-idle", "1"]);
    await told.waitForError(/Applying changes/);
    told.process.kill("SIGTERM");
    for (const [name, { finished }] of [["told", told] as const, ["idle", idle] as const]) {
      const { exitCode, stderr } = await finished;
      expect(exitCode, stderr).to.equal(0);
      expect(await fixture.summary(name)).to.include({ status: "proven", read: 0, windows: 0 });
    }
  });

  it("shows its lag in a log line while it runs without a terminal; --quiet shows none", async () => {
    await fixture.publish([putItem("a", 1, 1)]);
    const hold = spanner.hold("Commit", "request");
    const environment = { SPANNER_EMULATOR_HOST: spanner.address };
    const stream = fixture.start("lag", [], environment);
    await hold.reached();
    await stream.waitForError(/0 applied, 0 changes\/s, lag [1-9]\d* s, 1 held/);
    hold.release();
    await until(async () => (await fixture.itemsState()).rows.length === 1);
    stream.process.kill("SIGTERM");
    expect((await stream.finished).exitCode).to.equal(0);
    const quiet = await fixture.start("quiet", ["--quiet", "--stop-when-idle", "1"]).finished;
    expect(quiet.stderr).to.equal("");
    expect(quiet.stdout).to.match(/messages read/);
  });
});
