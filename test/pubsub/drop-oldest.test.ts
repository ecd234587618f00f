import { expect } from "chai";
import { dropOldest } from "../../pubsub/drop-oldest";

describe("dropping the oldest entries", () => {
  it("leaves those that came last, of maps and of sets", () => {
    const set = new Set(["a", "b", "c"]);
    dropOldest(set, 2);
    expect([...set]).to.deep.equal(["b", "c"]);
    const map = new Map(["a", "b", "c"].map((key) => [key, 1]));
    dropOldest(map, 3);
    dropOldest(map, 0);
    expect(map.size).to.equal(0);
  });
});
