import { expect } from "chai";
import type { RunningCommand } from "../support/command-line";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { changeRecord, deleteItem, expireItem, itemsMapping, putItem } from "./item-changes";
import { customer, order, shop, shopMapping } from "./shop-changes";
import { createStreamFixture, type StreamFixture, until } from "./stream-fixture";

const IDLE = ["--stop-when-idle", "2"];

describe("rows that lie in each other, in a stream", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  let fixture: StreamFixture;
  let spanner: GrpcProxy;
  before(async () => {
    spanner = await startGrpcProxy((await spannerEmulator.running()).address);
  });
  after(() => spanner?.stop());
  afterEach(() => fixture.remove());

  /** Starts a stream, and waits until it has tried its first change: also what writes nothing ends with a commit. */
  async function startAndTry(name: string): Promise<RunningCommand> {
    const tried = new Promise<void>((resolve) => spanner.watch("Commit", () => resolve()));
    const stream = fixture.start(name, [], { SPANNER_EMULATOR_HOST: spanner.address });
    await tried;
    return stream;
  }

  const rows = async () => ({
    customers: await fixture.query("SELECT CustomerId, Name FROM Customers"),
    orders: await fixture.query("SELECT CustomerId, OrderId, Total FROM Orders"),
  });
  const both = {
    customers: [{ CustomerId: "1", Name: "Ann" }],
    orders: [{ CustomerId: "1", OrderId: "7", Total: "12.50" }],
  };

  it("a child that comes before its parent waits for it, is counted once, and holds up nobody", async () => {
    fixture = await createStreamFixture(shopMapping(false));
    const unmapped = changeRecord({ PK: { S: "CUSTOMER#1" }, SK: { S: "NOTE#1" } }, 9, {}, shop);
    await fixture.publish([order(2), unmapped]);
    const stream = await startAndTry("waits");
    expect(await rows()).to.deep.equal({ customers: [], orders: [] });
    await fixture.publish([customer(1)]);
    await until(async () => JSON.stringify(await rows()) === JSON.stringify(both));
    stream.process.kill("SIGTERM");
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(0);
    expect(await fixture.summary("waits")).to.include({
      status: "proven",
      read: 3,
      applied: 2,
      filtered: 1,
      waiting: 0,
      deadLettered: 0,
    });
  });

  it("one that waits when the stream is stopped is given back, and the next stream applies it", async () => {
    fixture = await createStreamFixture(shopMapping(false));
    await fixture.publish([order(2)]);
    const stream = await startAndTry("stopped");
    stream.process.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(1);
    expect(stderr).to.match(/1 change still waited for another row/);
    expect(await fixture.summary("stopped")).to.include({ read: 1, applied: 0, waiting: 1, status: "interrupted" });
    expect(stdout).to.match(/waits .*\b1\b/);
    await fixture.publish([customer(1)]);
    const next = await fixture.start("next", IDLE).finished;
    expect(next.exitCode, next.stderr).to.equal(0);
    expect(await rows()).to.deep.equal(both);
  });

  it("one whose parent does not come within --parent-wait becomes a dead letter", async () => {
    fixture = await createStreamFixture(shopMapping(false));
    await fixture.publish([order(2)]);
    const { exitCode, stderr } = await fixture.start("late", ["--parent-wait", "1", ...IDLE]).finished;
    expect(exitCode, stderr).to.equal(3);
    expect(await fixture.summary("late")).to.include({ read: 1, applied: 0, waiting: 0, deadLettered: 1 });
    const [letter, ...others] = await fixture.letters();
    expect(others).to.be.empty;
    expect(letter).to.include({ code: "E_PARENT_MISSING", table: "Orders", payload: JSON.stringify(order(2)) });
  });

  it("with createParent it gets a parent of NULLs, which the parent's own change fills", async () => {
    fixture = await createStreamFixture(shopMapping(true));
    await fixture.publish([order(2)]);
    const stream = fixture.start("created");
    await until(async () => (await rows()).orders.length === 1);
    expect((await rows()).customers).to.deep.equal([{ CustomerId: "1", Name: null }]);
    await fixture.publish([customer(1)]);
    await until(async () => JSON.stringify(await rows()) === JSON.stringify(both));
    stream.process.kill("SIGTERM");
    expect((await stream.finished).exitCode).to.equal(0);
    expect(await fixture.summary("created")).to.include({ read: 2, applied: 2, createdParents: 1 });
  });
});

describe("items that expire, in a stream", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  for (const [choice, left, counts] of [
    ["delete", ["kept"], { applied: 5, expired: 0 }],
    ["ignore", ["expired", "kept"], { applied: 4, expired: 1 }],
  ] as const) {
    it(`are deleted by the application in any case, by Time to Live with --expired-items ${choice}`, async () => {
      const fixture = await createStreamFixture(itemsMapping);
      try {
        const stream = fixture.start(choice, ["--expired-items", choice]);
        const ids = async () => (await fixture.itemsState()).rows.map(({ id }) => id);
        await fixture.publish([putItem("expired", 1, 1), putItem("deleted", 2, 2)]);
        await until(async () => (await ids()).length === 2);
        await fixture.publish([expireItem("expired", 3), deleteItem("deleted", 4), putItem("kept", 5, 5)]);
        await until(async () => (await ids()).join() === left.join());
        stream.process.kill("SIGTERM");
        const { exitCode, stderr } = await stream.finished;
        expect(exitCode, stderr).to.equal(0);
        expect(await fixture.summary(choice)).to.include({ ...counts, read: 5 });
      } finally {
        await fixture.remove();
      }
    });
  }
});
