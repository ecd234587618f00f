/** Below this, memory of its own costs less than its way back. */
const LEAST_BYTES = 64 * 1024;

/** Above this, as a block with a line of many megabytes needs it, none is kept. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Sizes are rounded up to a multiple of this, so that memory serves for the next need, which is a little larger. */
const STEP_BYTES = 64 * 1024;

/** What fills memory that was given back, if `poison` asks for it: no byte of UTF-8, nor the tag of any field here. */
const POISON = 0xff;

/** How many free bytes are kept. */
const FREE_BYTES = 16 * 1024 * 1024;

/**
 * Memory that is used again and again, in place of buffers that are made and dropped. Buffers lie outside of V8's heap, yet
 * V8 marks its whole heap whenever many bytes of them have grown old: that was a sixth of a load's CPU time.
 *
 * Nobody has to give anything back: what is dropped is collected like any buffer. Who does give back must be the last one
 * to look at it.
 */
export class BufferPool {
  private readonly free: Buffer[] = [];
  private freeBytes = 0;
  /** By the very object that was lent: no part of it gives the whole back, and no second call does. */
  private readonly lent = new WeakMap<Buffer, Buffer>();

  /**
   * @param poison overwrites what is given back, and lends small buffers too, so that a test of a few items sees whoever
   *   still looks at one
   */
  constructor(private readonly poison = false) {}

  /** A buffer of this length, with any content. */
  lend(length: number): Buffer {
    if (length < (this.poison ? 1 : LEAST_BYTES) || length > MOST_BYTES) return Buffer.allocUnsafeSlow(length);
    const memory = this.take(length) ?? Buffer.allocUnsafeSlow(Math.ceil(length / STEP_BYTES) * STEP_BYTES);
    const buffer = memory.subarray(0, length);
    this.lent.set(buffer, memory);
    return buffer;
  }

  /** Nothing may look at the buffer any more, nor at a part of it. Any other buffer than one that was lent is left alone. */
  giveBack(buffer: Buffer): void {
    const memory = this.lent.get(buffer);
    if (memory === undefined) return;
    this.lent.delete(buffer);
    if (this.poison) memory.fill(POISON);
    this.free.push(memory);
    this.freeBytes += memory.length;
    while (this.freeBytes > FREE_BYTES) this.freeBytes -= this.free.shift()?.length ?? 0;
  }

  /** The one that was given back last is likely to be in the processor's cache. */
  private take(length: number): Buffer | undefined {
    const index = this.free.findLastIndex((memory) => memory.length >= length);
    if (index === -1) return undefined;
    const [memory] = this.free.splice(index, 1);
    this.freeBytes -= memory?.length ?? 0;
    return memory;
  }
}

/** The memory of blocks, their rows and their commits, for all of this process. All tests run with POISON_BUFFERS=1. */
export const blockMemory = new BufferPool(process.env["POISON_BUFFERS"] === "1");
