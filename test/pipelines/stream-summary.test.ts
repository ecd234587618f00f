import { expect } from "chai";
import { describeStream } from "../../pipelines/stream-progress";
import { addCounts, changeGap, renderStreamSummary } from "../../pipelines/stream-summary";
import { type ChangeCounts, noChanges } from "../../transforms/change-ledger";

const ENDS = ["applied", "stale", "superseded", "filtered", "expired", "deadLettered", "waiting"] as const;

/** One change for each way to end, two of them applied. */
const balanced: ChangeCounts = {
  ...noChanges(),
  ...Object.fromEntries(ENDS.map((name) => [name, 1])),
  applied: 2,
  read: ENDS.length + 1,
};

describe("the accounting of a stream", () => {
  it("holds when every message has ended in one way", () => {
    expect(changeGap(noChanges())).to.equal(undefined);
    expect(changeGap(balanced)).to.equal(undefined);
  });

  for (const name of ENDS) {
    it(`says which side is short when a message is missing from, or too many in, ${name}`, () => {
      expect(changeGap({ ...balanced, [name]: balanced[name] - 1 })).to.match(/^8 messages read, but .* = 7$/);
      expect(changeGap({ ...balanced, [name]: balanced[name] + 1 })).to.match(/^8 messages read, but .* = 9$/);
    });
  }

  it("does not count what is no end of a message", () => {
    const more = { keptParents: 3, createdParents: 4, removedParents: 5, transactions: 6 };
    expect(changeGap({ ...balanced, ...more })).to.equal(undefined);
  });

  it("adds up the windows", () => {
    const total = noChanges();
    addCounts(total, balanced);
    addCounts(total, balanced);
    expect(total).to.include({ read: 16, applied: 4, waiting: 2 });
  });

  it("is shown in a table", () => {
    const table = renderStreamSummary({
      ...balanced,
      applied: 12_345,
      command: "stream",
      status: "proven",
      written: 12_345,
      windows: 7,
      elapsedSeconds: 1.5,
    });
    expect(table).to.match(/changes applied\s*│\s*12,345/);
    expect(table).to.match(/status\s*│\s*proven/);
  });
});

describe("the line that shows how a stream goes", () => {
  it("names changes, rate, lag and what is held", () => {
    const line = describeStream(
      { ...noChanges(), applied: 1234 },
      { count: 5, oldestPublished: 1000 },
      99.6,
      66_000,
      undefined,
    );
    expect(line).to.match(/^1,234 applied, 100 changes\/s, lag 1 m.*, 5 held$/);
  });

  it("adds what does not always happen", () => {
    const line = describeStream(balanced, { count: 0, oldestPublished: undefined }, 0, 0, undefined);
    expect(line).to.match(/lag 0 s, 0 held, 1 stale, 1 superseded, 1 waiting.*, 1 dead letter/);
  });

  it("says for how long Pub/Sub has been out of reach", () => {
    const line = describeStream(noChanges(), { count: 0, oldestPublished: undefined }, 0, 100_000, 40_000);
    expect(line).to.match(/0 held, Pub\/Sub out of reach for 1 m/);
  });

  it("has no lag of less than nothing where clocks differ", () => {
    const line = describeStream(noChanges(), { count: 1, oldestPublished: 5000 }, 0, 1000, undefined);
    expect(line).to.contain("lag 0 s");
  });
});
