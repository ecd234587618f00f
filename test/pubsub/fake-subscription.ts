import { EventEmitter } from "node:events";
import type { MessageSubscription, PulledMessage } from "../../pubsub/message-windows";

/** What became of a message that a fake subscription delivered. */
export interface Delivered {
  readonly id: string;
  fate: "leased" | "acknowledged" | "given back";
}

/** A subscription that delivers what a test tells it to, and notes what becomes of it. */
export class FakeSubscription implements MessageSubscription {
  readonly delivered: Delivered[] = [];
  closed = false;
  /** Acknowledgements are refused, as of leases that have expired under exactly-once delivery. */
  refuses = false;
  silentAt: number | undefined;
  private readonly events = new EventEmitter();

  on(event: "message", listener: (message: PulledMessage) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: string, listener: (value: never) => void): unknown {
    return this.events.on(event, listener as () => void);
  }

  async lastSilence(): Promise<number | undefined> {
    return this.silentAt;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const delivered of this.delivered) if (delivered.fate === "leased") delivered.fate = "given back";
  }

  fail(error: Error): void {
    this.events.emit("error", error);
  }

  /** @param published milliseconds since 1970 */
  deliver(id: string, data = "data", published = 0): void {
    const delivered: Delivered = { id, fate: "leased" };
    this.delivered.push(delivered);
    const message: PulledMessage = {
      id,
      publishTime: new Date(published),
      data: Buffer.from(data),
      attributes: { table: "Items" },
      length: data.length,
      nack: () => {
        delivered.fate = "given back";
      },
      ackWithResponse: async () => {
        if (this.refuses) throw new Error("the lease has expired");
        delivered.fate = "acknowledged";
        return "SUCCESS";
      },
    };
    this.events.emit("message", message);
  }

  fates(): readonly string[] {
    return this.delivered.map(({ id, fate }) => `${id} ${fate}`);
  }
}
