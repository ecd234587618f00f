import type { IDataChannel } from "apache-beam/worker/data";

/** Bytes waiting for bundles in progress from which on the runner is held back, and below which it may go on. */
const PAUSE_ABOVE_BYTES = 32 * 1024 * 1024;
const RESUME_BELOW_BYTES = 8 * 1024 * 1024;

/** How many ended bundles are remembered, to drop what still arrives for them. */
const REMEMBERED_BUNDLES = 1000;

/** One piece of a bundle's data, as it came from the runner. */
export interface InboxMessage {
  /** In bytes. */
  readonly size: number;
  /** True for the last message of its bundle and step. */
  readonly isLast: boolean;
  deliver(consumer: IDataChannel): Promise<void>;
}

/** Holds the sender back, and lets it go on. */
export interface InboxFlow {
  pause(): void;
  resume(): void;
}

interface Box {
  readonly messages: InboxMessage[];
  consumer: IDataChannel | undefined;
  isDelivering: boolean;
  hasFailed: boolean;
}

/**
 * The messages that have arrived for bundles: delivered one after another in the order of arrival, the next when the
 * consumer is done with the one before; "no more data" last of all. An error of the consumer is reported to it once, and
 * the rest of its messages is dropped.
 *
 * Messages may arrive before their bundle is opened. They do not count for holding the runner back: the request that
 * opens the bundle comes on another channel, and a bundle that failed early is never opened.
 */
export class BundleInbox {
  private readonly boxes = new Map<string, Box>();
  private readonly ended = new Set<string>();
  private waitingBytes = 0;
  private isPaused = false;

  constructor(private readonly flow: InboxFlow) {}

  /** Called by the reader of the channel. */
  add(instructionId: string, transformId: string, message: InboxMessage): void {
    const key = boxKey(instructionId, transformId);
    if (this.ended.has(key)) {
      return;
    }
    const box = this.box(key);
    if (box.hasFailed) {
      return;
    }
    box.messages.push(message);
    if (box.consumer !== undefined) {
      this.count(message.size);
      this.deliver(box, box.consumer);
    }
  }

  /** Called when a bundle starts: what waits for it, and what is still to come, goes to `consumer`. */
  open(instructionId: string, transformId: string, consumer: IDataChannel): void {
    const box = this.box(boxKey(instructionId, transformId));
    box.consumer = consumer;
    this.count(totalSize(box));
    this.deliver(box, consumer);
  }

  /** Called when a bundle has ended, well or not. */
  close(instructionId: string, transformId: string): void {
    const key = boxKey(instructionId, transformId);
    const box = this.boxes.get(key);
    this.boxes.delete(key);
    this.ended.add(key);
    for (const oldest of this.ended) {
      if (this.ended.size <= REMEMBERED_BUNDLES) {
        break;
      }
      this.ended.delete(oldest);
    }
    if (box?.consumer !== undefined) {
      this.drop(box);
    }
  }

  private box(key: string): Box {
    const known = this.boxes.get(key);
    if (known !== undefined) {
      return known;
    }
    const box: Box = { messages: [], consumer: undefined, isDelivering: false, hasFailed: false };
    this.boxes.set(key, box);
    return box;
  }

  private deliver(box: Box, consumer: IDataChannel): void {
    if (!box.isDelivering) {
      box.isDelivering = true;
      void this.deliverAll(box, consumer);
    }
  }

  private async deliverAll(box: Box, consumer: IDataChannel): Promise<void> {
    try {
      for (let message = box.messages.shift(); message !== undefined; message = box.messages.shift()) {
        try {
          await message.deliver(consumer);
        } finally {
          this.count(-message.size);
        }
        if (message.isLast) {
          consumer.close();
        }
      }
      box.isDelivering = false;
    } catch (error) {
      box.hasFailed = true;
      this.drop(box);
      consumer.onError(error);
    }
  }

  private drop(box: Box): void {
    this.count(-totalSize(box));
    box.messages.length = 0;
  }

  private count(bytes: number): void {
    this.waitingBytes += bytes;
    if (!this.isPaused && this.waitingBytes > PAUSE_ABOVE_BYTES) {
      this.isPaused = true;
      this.flow.pause();
    } else if (this.isPaused && this.waitingBytes < RESUME_BELOW_BYTES) {
      this.isPaused = false;
      this.flow.resume();
    }
  }
}

function boxKey(instructionId: string, transformId: string): string {
  return JSON.stringify([instructionId, transformId]);
}

function totalSize(box: Box): number {
  return box.messages.reduce((sum, { size }) => sum + size, 0);
}
