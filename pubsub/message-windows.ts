import type { Message } from "@google-cloud/pubsub";
import type { ChangeMessage } from "../transforms/change-message";
import type { ChangeSource, MessageWindow } from "./change-source";
import { dropOldest, MAX_MESSAGES_REMEMBERED } from "./drop-oldest";
import { pubSubError } from "./pubsub-error";

/** When windows close and when the source ends; plain data. */
export interface WindowOptions {
  /** Longest time that a window collects messages. */
  readonly windowMilliseconds: number;
  /** A window that holds so much closes at once. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Ends when nothing has arrived and nothing is held for so long; undefined: never. */
  readonly idleMilliseconds: number | undefined;
}

/** A message as the Pub/Sub client hands it out, as far as windows need it. */
export type PulledMessage = Pick<Message, "id" | "data" | "attributes" | "length" | "nack" | "ackWithResponse"> & {
  readonly publishTime: Date;
};

/** What hands out messages: a subscription of the Pub/Sub client. */
export interface MessageSubscription {
  on(event: "message", listener: (message: PulledMessage) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  /**
   * When Pub/Sub was last found not to answer, in milliseconds of `performance.now()`; undefined: never. Messages that it
   * holds have come by {@link RECONNECT_MILLISECONDS} after that.
   */
  lastSilence(): Promise<number | undefined>;
  /** Gives back every message that is neither acknowledged nor given back, and waits for what is on its way. */
  close(): Promise<unknown>;
}

interface Delivery {
  readonly message: PulledMessage;
  readonly change: ChangeMessage;
}

/**
 * Collects the messages of a subscription into windows.
 * @param name full name of the subscription, for errors
 */
export function collectWindows(subscription: MessageSubscription, name: string, options: WindowOptions): ChangeSource {
  return new MessageWindows(subscription, name, options);
}

/** After so long without it, Pub/Sub is being asked for messages again, and has had some time to send them. */
export const RECONNECT_MILLISECONDS = 15_000;

/** Long enough for messages that have reached this process to come through the client. */
const IDLE_LOOK_MILLISECONDS = 250;

class MessageWindows implements ChangeSource {
  /** In no window yet. */
  private waiting: Delivery[] = [];
  private waitingBytes = 0;
  private readonly windows = new Set<readonly Delivery[]>();
  /** Messages that wait for their parent, until they are due again. */
  private readonly deferred = new Set<readonly Delivery[]>();
  /**
   * Since when messages wait that were given back because too many do, by message id; at most
   * {@link MAX_MESSAGES_REMEMBERED}. One that is forgotten waits anew.
   */
  private readonly waitingSince = new Map<string, string>();
  private firstArrived: number | undefined;
  private lastBusy = performance.now();
  lastArrived: number | undefined;
  private stopped = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly subscription: MessageSubscription,
    name: string,
    private readonly options: WindowOptions,
  ) {
    subscription.on("message", (message) => {
      this.lastArrived = Date.now();
      const since = this.waitingSince.get(message.id) ?? null;
      this.waitingSince.delete(message.id);
      this.take([delivery(message, since)]);
    });
    subscription.on("error", (error) => {
      this.failure = pubSubError(error, name);
      this.wake?.();
    });
  }

  get held() {
    let count = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const group of [this.waiting, ...this.windows, ...this.deferred]) {
      count += group.length;
      for (const { message } of group) oldest = Math.min(oldest, message.publishTime.getTime());
    }
    return { count, oldestPublished: count === 0 ? undefined : oldest };
  }

  async nextWindow(): Promise<MessageWindow | null> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (this.stopped) return null;
      const now = performance.now();
      const due = this.dueAt();
      if (due !== undefined && now >= due) return this.closeWindow();
      const idleAt = this.idleAt();
      if (idleAt !== undefined && now >= idleAt && (await this.staysIdle())) return null;
      await this.until(due ?? idleAt);
    }
  }

  stop(): void {
    this.stopped = true;
    this.wake?.();
  }

  async close(): Promise<void> {
    this.stopped = true;
    await this.subscription.close();
  }

  /**
   * A process that was busy for as long as it may be idle finds its timer due before it has looked for messages: only
   * after another look is it known that none has come. And that none comes while Pub/Sub is out of reach tells nothing.
   */
  private async staysIdle(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MILLISECONDS));
    const silence = await this.subscription.lastSilence();
    if (silence !== undefined) this.lastBusy = Math.max(this.lastBusy, silence + RECONNECT_MILLISECONDS);
    const idleAt = this.idleAt();
    return idleAt !== undefined && performance.now() >= idleAt;
  }

  private take(deliveries: readonly Delivery[]): void {
    this.firstArrived ??= performance.now();
    for (const each of deliveries) {
      this.waiting.push(each);
      this.waitingBytes += each.message.length;
    }
    this.wake?.();
  }

  private dueAt(): number | undefined {
    if (this.firstArrived === undefined) return undefined;
    const full = this.waiting.length >= this.options.maxMessages || this.waitingBytes >= this.options.maxBytes;
    return full ? this.firstArrived : this.firstArrived + this.options.windowMilliseconds;
  }

  private idleAt(): number | undefined {
    const { idleMilliseconds } = this.options;
    if (idleMilliseconds === undefined || this.windows.size > 0 || this.deferred.size > 0) return undefined;
    return this.firstArrived === undefined ? this.lastBusy + idleMilliseconds : undefined;
  }

  /** Resolves at `time` or earlier, when something has happened. */
  private until(time: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wait = time === undefined ? undefined : setTimeout(resolve, Math.max(0, time - performance.now()));
      this.wake = () => {
        clearTimeout(wait);
        resolve();
      };
    });
  }

  private closeWindow(): MessageWindow {
    const deliveries = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    this.firstArrived = undefined;
    this.windows.add(deliveries);
    const finish = () => {
      this.windows.delete(deliveries);
      this.lastBusy = performance.now();
    };
    let left: readonly Delivery[] = deliveries;
    return {
      messages: deliveries.map(({ change }) => change),
      acknowledge: async (except) => {
        const done = left.filter(({ message }) => !except.has(message.id));
        left = left.filter(({ message }) => except.has(message.id));
        if (left.length === 0) finish();
        // A refused acknowledgement (exactly-once delivery, lease lost) means one more delivery, which changes nothing.
        await Promise.allSettled(done.map(({ message }) => message.ackWithResponse()));
      },
      keepWaiting: (waitingSince, seconds) => {
        const kept = left.map(({ message, change }) => ({
          message,
          change: { ...change, waitingSince: waitingSince.get(message.id) ?? change.waitingSince },
        }));
        left = [];
        finish();
        this.defer(kept, seconds);
      },
      giveBack: () => {
        for (const { message } of left) message.nack();
        left = [];
        finish();
      },
    };
  }

  private defer(deliveries: readonly Delivery[], seconds: number): void {
    if (deliveries.length === 0) return;
    if (this.held.count + deliveries.length > this.options.maxMessages) {
      // They would take up the room in which the messages come that they wait for.
      for (const { message, change } of deliveries) {
        if (change.waitingSince !== null) this.waitingSince.set(message.id, change.waitingSince);
        message.nack();
      }
      dropOldest(this.waitingSince, MAX_MESSAGES_REMEMBERED);
      return;
    }
    this.deferred.add(deliveries);
    setTimeout(() => {
      this.deferred.delete(deliveries);
      if (!this.stopped) this.take(deliveries);
    }, seconds * 1000).unref();
  }
}

function delivery(message: PulledMessage, waitingSince: string | null): Delivery {
  return {
    message,
    change: {
      messageId: message.id,
      publishTime: message.publishTime.toISOString(),
      data: message.data.toString("base64"),
      attributes: { ...message.attributes },
      waitingSince,
    },
  };
}
