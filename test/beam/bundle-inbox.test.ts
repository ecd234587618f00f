import { expect } from "chai";
import fc from "fast-check";
import { BundleInbox, type InboxMessage } from "../../beam/bundle-inbox";
import { nextTurn } from "./journal";

const MEGABYTE = 1024 * 1024;

/** A consumer that works on one message until it is told to go on. */
class StepwiseConsumer {
  readonly taken: string[] = [];
  private release: (() => void) | undefined;

  async sendData(data: Uint8Array): Promise<void> {
    this.taken.push(Buffer.from(data).toString());
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
  }

  async sendTimers(): Promise<void> {}

  close(): void {
    this.taken.push("closed");
  }

  onError(error: unknown): void {
    this.taken.push(`failed: ${error}`);
  }

  async step(): Promise<void> {
    this.release?.();
    await nextTurn();
  }
}

function message(text: string, isLast = false, size = text.length): InboxMessage {
  return { size, isLast, deliver: (to) => to.sendData(Buffer.from(text)) };
}

function createInbox(): { readonly inbox: BundleInbox; readonly flow: string[] } {
  const flow: string[] = [];
  const inbox = new BundleInbox({ pause: () => flow.push("pause"), resume: () => flow.push("resume") });
  return { inbox, flow };
}

describe("BundleInbox", () => {
  it("delivers one message after another and closes last", async () => {
    const { inbox } = createInbox();
    const consumer = new StepwiseConsumer();
    inbox.add("bundle", "source", message("a"));
    inbox.open("bundle", "source", consumer);
    inbox.add("bundle", "source", message("b"));
    inbox.add("bundle", "source", message("c", true));
    expect(consumer.taken).to.deep.equal(["a"]);
    await consumer.step();
    expect(consumer.taken).to.deep.equal(["a", "b"]);
    await consumer.step();
    expect(consumer.taken).to.deep.equal(["a", "b", "c"]);
    await consumer.step();
    expect(consumer.taken).to.deep.equal(["a", "b", "c", "closed"]);
  });

  it("lets one bundle go on while another waits", async () => {
    const { inbox } = createInbox();
    const slow = new StepwiseConsumer();
    const quick = new StepwiseConsumer();
    inbox.open("slow", "source", slow);
    inbox.open("quick", "source", quick);
    inbox.add("slow", "source", message("a"));
    inbox.add("quick", "source", message("b", true));
    await quick.step();
    expect(quick.taken).to.deep.equal(["b", "closed"]);
    expect(slow.taken).to.deep.equal(["a"]);
  });

  it("holds the runner back while too much waits", async () => {
    const { inbox, flow } = createInbox();
    const consumer = new StepwiseConsumer();
    inbox.open("bundle", "source", consumer);
    for (let index = 0; index < 5; index++) {
      inbox.add("bundle", "source", message(String(index), false, 8 * MEGABYTE));
    }
    expect(flow).to.deep.equal(["pause"]);
    for (let index = 0; index < 5; index++) {
      await consumer.step();
    }
    expect(flow).to.deep.equal(["pause", "resume"]);
  });

  it("does not hold the runner back for bundles that are not open, which may never be", () => {
    const { inbox, flow } = createInbox();
    inbox.add("unknown", "source", message("a", false, 100 * MEGABYTE));
    expect(flow).to.deep.equal([]);
  });

  it("lets the runner go on when a bundle that was being held back ends early", () => {
    const { inbox, flow } = createInbox();
    inbox.open("bundle", "source", new StepwiseConsumer());
    inbox.add("bundle", "source", message("a", false, MEGABYTE));
    inbox.add("bundle", "source", message("b", false, 100 * MEGABYTE));
    inbox.close("bundle", "source");
    inbox.add("bundle", "source", message("c", false, 100 * MEGABYTE));
    expect(flow).to.deep.equal(["pause", "resume"]);
  });

  it("reports a consumer's error to it once and drops the rest", async () => {
    const { inbox, flow } = createInbox();
    const consumer = new StepwiseConsumer();
    inbox.open("bundle", "source", consumer);
    inbox.add("bundle", "source", { size: 1, isLast: false, deliver: () => Promise.reject(new Error("broken")) });
    inbox.add("bundle", "source", message("b", true, 100 * MEGABYTE));
    await nextTurn();
    inbox.add("bundle", "source", message("c", true, 100 * MEGABYTE));
    await nextTurn();
    expect(consumer.taken).to.deep.equal(["failed: Error: broken"]);
    expect(flow).to.deep.equal(["pause", "resume"]);
  });

  it("delivers every message of every bundle in order, whatever the order of events", async () => {
    const bundle = fc.constantFrom("1", "2", "3");
    const events = fc.array(fc.record({ bundle, act: fc.constantFrom("add", "open", "step") }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(events, async (sequence) => {
        const { inbox } = createInbox();
        const consumers = new Map(["1", "2", "3"].map((id) => [id, new StepwiseConsumer()] as const));
        const opened = new Set<string>();
        const sent = new Map<string, string[]>(["1", "2", "3"].map((id) => [id, []]));
        const open = (id: string) => {
          const consumer = consumers.get(id);
          if (consumer !== undefined && !opened.has(id)) {
            opened.add(id);
            inbox.open(id, "source", consumer);
          }
        };
        for (const [index, event] of sequence.entries()) {
          if (event.act === "add") {
            sent.get(event.bundle)?.push(String(index));
            inbox.add(event.bundle, "source", message(String(index)));
          } else if (event.act === "open") {
            open(event.bundle);
          } else {
            await consumers.get(event.bundle)?.step();
          }
        }
        for (const [id, consumer] of consumers) {
          inbox.add(id, "source", message("last", true));
          open(id);
          while (consumer.taken.at(-1) !== "closed") {
            await consumer.step();
          }
          expect(consumer.taken).to.deep.equal([...(sent.get(id) ?? []), "last", "closed"]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
