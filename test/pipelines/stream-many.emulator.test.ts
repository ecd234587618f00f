import { expect } from "chai";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { finalState, itemsMapping, randomChanges, shuffled } from "./item-changes";
import { createStreamFixture, type StreamFixture } from "./stream-fixture";

const LONG = process.env["LONG_TESTS"] !== undefined;
const ITEMS = LONG ? 5_000 : 500;
const CHANGES = LONG ? 100_000 : 10_000;
/** Published at a time: the emulator keeps everything in memory. */
const PORTION = 10_000;

describe("a stream of many changes", () => {
  pubSubEmulator.use();
  spannerEmulator.use();

  it(`ends ${CHANGES} changes over ${ITEMS} items without a difference`, async function () {
    this.timeout(LONG ? 1_800_000 : 180_000);
    const fixture = await createStreamFixture(itemsMapping);
    try {
      const changes = randomChanges({ seed: 9, items: ITEMS, changes: CHANGES });
      const messages = shuffled(changes, 9, 20);
      const read = drain(fixture);
      for (let from = 0; from < messages.length; from += PORTION) {
        await fixture.publish(messages.slice(from, from + PORTION));
      }
      // On a busy machine the emulator may pause for longer than a stream waits: then another one takes the rest. (What
      // was read does not tell: some of it may have come twice.)
      const wanted = JSON.stringify(finalState(changes));
      const isThere = async () => JSON.stringify(await fixture.itemsState()) === wanted;
      for (let last = await read; last > 0 && !(await isThere()); ) last = await drain(fixture);

      expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
    } finally {
      await fixture.remove();
    }
  });
});

/** Runs a stream until nothing comes any more; gives the number of messages that it read. */
async function drain(fixture: StreamFixture): Promise<number> {
  const { exitCode, stderr } = await fixture.start("many", ["--stop-when-idle", "10"]).finished;
  expect(exitCode, stderr).to.equal(0);
  const { read, applied, stale, superseded } = await fixture.summary("many");
  expect(applied + stale + superseded).to.equal(read);
  return read;
}
