import { expect } from "chai";
import { dueChanges, percentile } from "../../bench/stream/pace";

describe("pace of a publisher", () => {
  it("follows the clock and ends with the last change", () => {
    expect([0, 5, 10, 1000, 5000].map((milliseconds) => dueChanges(100, 300, milliseconds))).to.deep.equal([
      0, 0, 1, 100, 300,
    ]);
  });

  it("takes percentiles of latencies", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.99, 1].map((share) => percentile(values, share))).to.deep.equal([50, 99, 100]);
    expect(percentile([7], 0.5)).to.equal(7);
    expect(percentile([], 0.5)).to.deep.equal(Number.NaN);
  });
});
