import { assert, expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import type { ChangeSource, MessageWindow } from "../../pubsub/change-source";
import { MAX_MESSAGES_REMEMBERED } from "../../pubsub/drop-oldest";
import { collectWindows, RECONNECT_MILLISECONDS, type WindowOptions } from "../../pubsub/message-windows";
import { FakeSubscription } from "./fake-subscription";

const none: ReadonlySet<string> = new Set();
const HOUR = 3_600_000;

describe("windows of messages", () => {
  let subscription: FakeSubscription;
  beforeEach(() => {
    subscription = new FakeSubscription();
  });

  const open = (options: Partial<WindowOptions> = {}): ChangeSource =>
    collectWindows(subscription, "projects/p/subscriptions/s", {
      windowMilliseconds: 20,
      maxMessages: 100,
      maxBytes: 1000,
      idleMilliseconds: undefined,
      ...options,
    });
  const next = async (source: ChangeSource): Promise<MessageWindow> => {
    const window = await source.nextWindow();
    assert(window !== null, "the source has ended");
    return window;
  };
  const idsOf = ({ messages }: MessageWindow) => messages.map(({ messageId }) => messageId);

  it("open with their first message and close after their time, with all that has come", async () => {
    const source = open({ windowMilliseconds: 60 });
    const opened = performance.now();
    setTimeout(() => subscription.deliver("a"), 20);
    setTimeout(() => subscription.deliver("b"), 30);
    const window = await next(source);
    expect(performance.now() - opened).to.be.at.least(79);
    expect(idsOf(window)).to.deep.equal(["a", "b"]);
  });

  it("hold messages as plain data", async () => {
    const source = open();
    subscription.deliver("a", "Größe", Date.UTC(2026, 0, 1));
    const { messages } = await next(source);
    expect(messages).to.deep.equal([
      {
        messageId: "a",
        publishTime: "2026-01-01T00:00:00.000Z",
        data: Buffer.from("Größe").toString("base64"),
        attributes: { table: "Items" },
        waitingSince: null,
      },
    ]);
  });

  it("close at once when they hold enough messages", async () => {
    const source = open({ windowMilliseconds: HOUR, maxMessages: 2 });
    subscription.deliver("a");
    setImmediate(() => subscription.deliver("b"));
    expect(idsOf(await next(source))).to.deep.equal(["a", "b"]);
  });

  it("close at once when they hold enough bytes", async () => {
    const source = open({ windowMilliseconds: HOUR });
    subscription.deliver("a", "x".repeat(999));
    setImmediate(() => subscription.deliver("b", "y"));
    expect(idsOf(await next(source))).to.deep.equal(["a", "b"]);
  });

  it("are collected while another one runs, and counted apart", async () => {
    const source = open();
    subscription.deliver("a", "a", 5000);
    const first = await next(source);
    subscription.deliver("b", "b", 3000);
    expect(source.held).to.deep.equal({ count: 2, oldestPublished: 3000 });
    await first.acknowledge(none);
    expect(source.held).to.deep.equal({ count: 1, oldestPublished: 3000 });
    const second = await next(source);
    expect(idsOf(second)).to.deep.equal(["b"]);
    await second.acknowledge(none);
    expect(source.held).to.deep.equal({ count: 0, oldestPublished: undefined });
    expect(subscription.fates()).to.deep.equal(["a acknowledged", "b acknowledged"]);
  });

  it("acknowledge nothing by themselves", async () => {
    const source = open();
    subscription.deliver("a");
    await next(source);
    expect(subscription.fates()).to.deep.equal(["a leased"]);
  });

  it("take a refused acknowledgement for one more delivery", async () => {
    const source = open();
    subscription.refuses = true;
    subscription.deliver("a");
    await (await next(source)).acknowledge(none);
    expect(subscription.fates()).to.deep.equal(["a leased"]);
  });

  it("acknowledge all but the messages that wait, which come again with the time since when", async () => {
    const source = open();
    for (const id of ["a", "b", "c"]) subscription.deliver(id);
    const window = await next(source);
    await window.acknowledge(new Set(["b"]));
    expect(subscription.fates()).to.deep.equal(["a acknowledged", "b leased", "c acknowledged"]);
    window.keepWaiting(new Map([["b", "2026-01-01T00:00:00.000Z"]]), 0.01);
    expect(source.held.count).to.equal(1);
    const again = await next(source);
    expect(again.messages.map(({ messageId, waitingSince }) => [messageId, waitingSince])).to.deep.equal([
      ["b", "2026-01-01T00:00:00.000Z"],
    ]);
    await again.acknowledge(none);
    expect(subscription.fates()).to.include("b acknowledged");
  });

  it("give back messages that wait where they would take the room of those they wait for, and know them again", async () => {
    const source = open({ maxMessages: 2 });
    for (const id of ["a", "b", "c"]) subscription.deliver(id);
    const window = await next(source);
    await window.acknowledge(new Set(["a", "b", "c"]));
    const since = "2026-01-01T00:00:00.000Z";
    window.keepWaiting(new Map(["a", "b", "c"].map((id) => [id, since])), HOUR);
    expect(subscription.fates()).to.deep.equal(["a given back", "b given back", "c given back"]);
    expect(source.held.count).to.equal(0);
    subscription.deliver("b");
    subscription.deliver("d");
    const { messages } = await next(source);
    expect(messages.map(({ waitingSince }) => waitingSince)).to.deep.equal([since, null]);
  });

  it("know again only so many of the messages that they have given back", async () => {
    const source = open({ maxMessages: 1, maxBytes: Number.POSITIVE_INFINITY });
    const ids = Array.from({ length: MAX_MESSAGES_REMEMBERED + 1 }, (_, index) => `m${index}`);
    for (const id of ids) subscription.deliver(id);
    const window = await next(source);
    window.keepWaiting(new Map(ids.map((id) => [id, "2026-01-01T00:00:00.000Z"])), HOUR);
    subscription.deliver("m0");
    subscription.deliver("m1");
    const { messages } = await next(source);
    expect(messages.map(({ waitingSince }) => waitingSince)).to.deep.equal([null, "2026-01-01T00:00:00.000Z"]);
  });

  it("give back all of their messages, once", async () => {
    const source = open();
    for (const id of ["a", "b"]) subscription.deliver(id);
    const window = await next(source);
    window.giveBack();
    expect(subscription.fates()).to.deep.equal(["a given back", "b given back"]);
    expect(source.held.count).to.equal(0);
    await window.acknowledge(none);
    expect(subscription.fates()).to.deep.equal(["a given back", "b given back"]);
  });

  it("end when nothing has come for long enough", async () => {
    const source = open({ idleMilliseconds: 30 });
    const opened = performance.now();
    expect(await source.nextWindow()).to.equal(null);
    expect(performance.now() - opened).to.be.at.least(29);
  });

  it("do not end as idle before Pub/Sub, which was out of reach, has had time to send what it holds", async () => {
    const source = open({ idleMilliseconds: 1 });
    subscription.silentAt = performance.now();
    let ended = false;
    const pending = source.nextWindow().then((window) => {
      ended = true;
      return window;
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ended).to.equal(false);
    subscription.deliver("a");
    const window = await pending;
    assert(window !== null);
    await window.acknowledge(none);
    subscription.silentAt -= RECONNECT_MILLISECONDS;
    expect(await source.nextWindow()).to.equal(null);
  });

  it("do not end as idle while messages are held, run or wait", async () => {
    const source = open({ idleMilliseconds: 1, windowMilliseconds: 60 });
    subscription.deliver("a");
    const window = await next(source);
    const pending = source.nextWindow();
    setTimeout(() => subscription.deliver("b"), 30);
    const second = await pending;
    assert(second !== null);
    await second.acknowledge(none);
    await window.acknowledge(new Set(["a"]));
    window.keepWaiting(new Map(), 0.05);
    const third = await next(source);
    expect(idsOf(third)).to.deep.equal(["a"]);
    await third.acknowledge(none);
    expect(await source.nextWindow()).to.equal(null);
  });

  it("end when they are told to stop; what is being collected is given back when the source is closed", async () => {
    const source = open({ windowMilliseconds: HOUR });
    subscription.deliver("a");
    const pending = source.nextWindow();
    source.stop();
    expect(await pending).to.equal(null);
    expect(subscription.fates()).to.deep.equal(["a leased"]);
    await source.close();
    expect(subscription.closed).to.equal(true);
    expect(subscription.fates()).to.deep.equal(["a given back"]);
  });

  it("fail with the subscription, even while none is waited for", async () => {
    const source = open();
    subscription.fail(Object.assign(new Error("Resource not found"), { code: 5 }));
    const error = await source.nextWindow().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(MigrationError);
    expect(error).to.include({
      code: "E_PUBSUB_SUBSCRIPTION_NOT_FOUND",
      message: "projects/p/subscriptions/s: Resource not found",
    });
  });
});
