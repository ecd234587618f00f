import { expect } from "chai";
import { padSequenceNumber } from "../../schema/sequence-number";
import { changeBatches } from "../../transforms/change-batches";
import type { StreamedChange } from "../../transforms/change-message";
import { threeLevelPlan } from "../support/replication-history";

const plan = threeLevelPlan({ onDelete: "NO ACTION", createParent: false });

function changes(count: number, data = ""): readonly StreamedChange[] {
  return Array.from({ length: count }, (_, index) => ({
    table: 0,
    key: [`${index}`],
    row: null,
    sequenceNumber: padSequenceNumber(1n),
    changedAt: null,
    shard: "0",
    message: { messageId: `${index}`, publishTime: "", data, attributes: {}, waitingSince: null },
  }));
}

const sizes = (given: readonly StreamedChange[], limits: { changes: number; cells: number; bytes: number }) =>
  [...changeBatches(plan, given, limits, ({ message }) => message.data.length)].map((batch) => batch.length);

describe("batches of changes", () => {
  const wide = { changes: 1000, cells: 1_000_000, bytes: 1_000_000 };

  it("keep to each limit", () => {
    expect(sizes(changes(7), { ...wide, changes: 3 })).to.deep.equal([3, 3, 1]);
    // Two columns, one key column and six of the version: nine cells a change.
    expect(sizes(changes(7), { ...wide, cells: 18 })).to.deep.equal([2, 2, 2, 1]);
    expect(sizes(changes(3, "12345678"), { ...wide, bytes: 16 })).to.deep.equal([2, 1]);
  });

  it("give a change that is over a limit a batch of its own", () => {
    expect(sizes(changes(3, "12345678"), { ...wide, bytes: 1 })).to.deep.equal([1, 1, 1]);
  });

  it("are none for no changes", () => {
    expect(sizes([], wide)).to.deep.equal([]);
  });
});
