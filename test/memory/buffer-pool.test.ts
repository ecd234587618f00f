import { expect } from "chai";
import fc from "fast-check";
import { BufferPool } from "../../memory/buffer-pool";

const KB = 1024;

/** The memory itself, in which a buffer lies. */
const memoryOf = (buffer: Buffer): ArrayBufferLike => buffer.buffer;

describe("BufferPool", () => {
  it("lends what was given back, at whatever length fits", () => {
    const pool = new BufferPool();
    const first = pool.lend(300 * KB);
    pool.giveBack(first);
    const second = pool.lend(310 * KB);
    expect(second.length).to.equal(310 * KB);
    expect(memoryOf(second) === memoryOf(first)).to.equal(true);
    pool.giveBack(second);
    expect(memoryOf(pool.lend(400 * KB)) === memoryOf(first)).to.equal(false);
    expect(memoryOf(pool.lend(100 * KB)) === memoryOf(first)).to.equal(true);
  });

  it("lends nothing twice, whatever is given back, how often, and in which order", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("lend" as const), length: fc.nat(300 * KB) }),
      fc.record({ kind: fc.constantFrom("giveBack", "giveBackPart", "giveBackAgain"), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = new BufferPool();
        let held: { readonly buffer: Buffer; readonly mark: number }[] = [];
        const past: Buffer[] = [];
        steps.forEach((each, index) => {
          if ("length" in each) {
            const buffer = pool.lend(each.length);
            expect(buffer.length).to.equal(each.length);
            const mark = index + 1;
            buffer.fill(mark);
            held.push({ buffer, mark });
          } else if (each.kind === "giveBackAgain") {
            const buffer = past[each.which % past.length];
            if (buffer !== undefined) pool.giveBack(buffer);
          } else {
            const target = held[each.which % held.length];
            if (target === undefined) return;
            pool.giveBack(each.kind === "giveBack" ? target.buffer : target.buffer.subarray(0));
            if (each.kind === "giveBack") {
              past.push(target.buffer);
              held = held.filter((one) => one !== target);
            }
          }
        });
        for (const { buffer, mark } of held) {
          expect(buffer.length === 0 || (buffer[0] === mark && buffer.at(-1) === mark)).to.equal(true);
          expect(buffer.equals(Buffer.alloc(buffer.length, mark))).to.equal(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps a bounded number of bytes", () => {
    const pool = new BufferPool();
    const buffers = Array.from({ length: 40 }, () => pool.lend(1024 * KB));
    const memories = new Set(buffers.map(memoryOf));
    for (const buffer of buffers) pool.giveBack(buffer);
    const again = Array.from({ length: 40 }, () => memoryOf(pool.lend(1024 * KB)));
    expect(again.filter((memory) => memories.has(memory))).to.have.length(16);
  });

  it("lends the same memory however often it comes back", () => {
    const pool = new BufferPool();
    const used = new Set<ArrayBufferLike>();
    for (let round = 0; round < 100; round++) {
      const buffer = pool.lend(1024 * KB);
      used.add(memoryOf(buffer));
      pool.giveBack(buffer);
    }
    expect(used.size).to.equal(1);
  });

  it("leaves small and huge ones to the garbage collector", () => {
    const pool = new BufferPool();
    for (const length of [10, 60 * KB, 5 * KB * KB]) {
      const buffer = pool.lend(length);
      expect(buffer.byteLength).to.equal(buffer.buffer.byteLength);
      pool.giveBack(buffer);
      expect(memoryOf(pool.lend(length)) === memoryOf(buffer)).to.equal(false);
    }
  });

  it("spoils what is given back, if asked to", () => {
    const pool = new BufferPool(true);
    for (const length of [1, 100 * KB]) {
      const buffer = pool.lend(length).fill("a");
      pool.giveBack(buffer);
      expect(buffer.equals(Buffer.alloc(length, 0xff))).to.equal(true);
    }
  });
});
