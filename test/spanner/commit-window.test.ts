import { setImmediate as nextTurn } from "node:timers/promises";
import { assert, expect } from "chai";
import fc from "fast-check";
import { createCommitWindow } from "../../spanner/commit-window";
import { thrown } from "./thrown";

describe("createCommitWindow", () => {
  it("never runs more than the limit, runs all, in order, and fills its room", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(4), { maxLength: 30 }),
        fc.boolean(),
        async (limit, turns, heed) => {
          const window = createCommitWindow(limit);
          const started: number[] = [];
          let running = 0;
          let most = 0;
          let roomBefore: Promise<void> | null = null;
          for (const [index, count] of turns.entries()) {
            const room = window.submit(async () => {
              started.push(index);
              running++;
              most = Math.max(most, running);
              for (let turn = 0; turn < count; turn++) await nextTurn();
              running--;
            });
            if (roomBefore === null) expect(started.length).to.equal(index + 1);
            if (heed) await room;
            roomBefore = heed ? null : room;
          }
          await window.drain();
          expect(running).to.equal(0);
          expect(started).to.deep.equal(turns.map((_, index) => index));
          expect(most).to.be.at.most(limit);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("keeps the first failure, starts nothing after it, and rejects no promise that it hands out", async () => {
    const window = createCommitWindow(1);
    const first = new Error("first");
    let later = 0;
    const room = window.submit(async () => {
      await nextTurn();
      throw first;
    });
    window.submit(async () => {
      later++;
    });
    await room;
    assert.throws(() => window.submit(async () => {}), "first");
    expect(await thrown(window.drain())).to.equal(first);
    expect(later).to.equal(0);
  });

  it("drains at once when there was nothing", async () => {
    await createCommitWindow(3).drain();
  });
});
