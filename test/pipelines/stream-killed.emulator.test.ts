import { once } from "node:events";
import { expect } from "chai";
import type { StreamSummary } from "../../pipelines/stream-summary";
import { type GrpcProxy, type Hold, startGrpcProxy } from "../support/grpc-proxy";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { finalState, itemsMapping, randomChanges, type TableState } from "./item-changes";
import { watchLeases } from "./leases";
import { createStreamFixture, until } from "./stream-fixture";

const changes = randomChanges({ seed: 1, items: 30, changes: 120 });
const all = finalState(changes);

interface Killed {
  /** In Spanner, and acknowledged or about to be, when the first stream was killed. */
  readonly stateThen: TableState;
  readonly acknowledgedThen: readonly string[];
  /** After a second stream has acknowledged all messages. */
  readonly state: TableState;
  readonly second: StreamSummary;
}

/**
 * Runs a stream, kills it where the hold keeps it back, and has a second one finish: the messages come to that one when
 * the leases of the first have expired.
 */
async function killAndFinish(holdAt: (pubsub: GrpcProxy, spanner: GrpcProxy) => Hold): Promise<Killed> {
  const fixture = await createStreamFixture(itemsMapping);
  const pubsub = await startGrpcProxy((await pubSubEmulator.running()).address);
  const spanner = await startGrpcProxy((await spannerEmulator.running()).address);
  try {
    const leases = watchLeases(pubsub);
    const { acknowledged } = leases;
    const start = (name: string) =>
      fixture.start(name, [], {
        PUBSUB_EMULATOR_HOST: pubsub.address,
        SPANNER_EMULATOR_HOST: spanner.address,
      });
    await fixture.publish(changes);
    const hold = holdAt(pubsub, spanner);

    const first = start("first");
    const early = first.finished.then(({ stderr }) => Promise.reject(new Error(`ended before its kill:\n${stderr}`)));
    await Promise.race([hold.reached(), early]);
    early.catch(() => {});
    first.process.kill("SIGKILL");
    expect((await first.finished).signal).to.equal("SIGKILL");
    const acknowledgedThen = [...acknowledged];
    const stateThen = await fixture.itemsState();
    hold.drop();
    acknowledged.clear();
    await leases.expire(fixture.subscription);

    const second = start("second");
    const allAcknowledged = until(async () => acknowledged.size >= changes.length || second.process.exitCode !== null);
    await Promise.race([allAcknowledged, once(second.process, "exit")]);
    second.process.kill("SIGTERM");
    const { exitCode, stderr } = await second.finished;
    expect(exitCode, stderr).to.equal(0);
    const state = await fixture.itemsState();
    return { stateThen, acknowledgedThen, state, second: await fixture.summary("second") };
  } finally {
    await Promise.all([pubsub.stop(), spanner.stop()]);
    await fixture.remove();
  }
}

describe("a stream that is killed", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  it("between commit and acknowledgement: every message comes again and changes nothing", async () => {
    const { stateThen, state, second } = await killAndFinish((pubsub) => pubsub.hold("Acknowledge", "request"));
    expect(stateThen).to.deep.equal(all);
    expect(state).to.deep.equal(all);
    expect(second).to.include({ read: changes.length, applied: 0 });
    expect(second.stale).to.be.above(0);
    expect(second.stale + second.superseded).to.equal(changes.length);
  });

  it("before the answer to a commit: nothing was acknowledged, what was committed is stale, the rest is applied", async () => {
    const { stateThen, acknowledgedThen, state, second } = await killAndFinish((_, spanner) =>
      spanner.hold("Commit", "answer"),
    );
    expect(acknowledgedThen).to.deep.equal([]);
    expect(stateThen.versions).to.not.be.empty;
    expect(state).to.deep.equal(all);
    expect(second.applied).to.be.above(0);
    expect(second.stale).to.be.above(0);
  });

  it("in the middle of a window: nothing was acknowledged, and the missing transactions follow", async () => {
    const { stateThen, acknowledgedThen, state, second } = await killAndFinish((_, spanner) =>
      spanner.hold("Commit", "request", 5),
    );
    expect(acknowledgedThen).to.deep.equal([]);
    expect(stateThen.versions.length).to.be.above(0).and.below(all.versions.length);
    expect(state).to.deep.equal(all);
    expect(second.applied).to.be.at.least(all.versions.length - stateThen.versions.length);
    expect(second.stale).to.be.above(0);
  });
});
