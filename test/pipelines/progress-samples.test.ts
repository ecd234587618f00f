import { expect } from "chai";
import { createProgressSamples } from "../../pipelines/progress-samples";

describe("Samples of progress", () => {
  const start = () => {
    let now = 0;
    const samples = createProgressSamples(() => now * 1000);
    return {
      samples,
      at(seconds: number, done: number | undefined) {
        now = seconds;
        samples.add(done);
      },
    };
  };

  it("begin at the start of the run, and have no rate before there are two", () => {
    const { samples, at } = start();
    expect(samples.points()).to.deep.equal([]);
    at(0, undefined);
    expect(samples.points()).to.deep.equal([]);
    at(1, 0);
    expect(samples.rate()).to.equal(null);
    at(11, 500);
    expect(samples.points()).to.deep.equal([
      [1, 0],
      [11, 500],
    ]);
    expect(samples.rate()).to.equal(50);
  });

  it("have the rate of the last minute, not of the whole run", () => {
    const { samples, at } = start();
    for (let seconds = 0; seconds <= 600; seconds += 10) at(seconds, seconds * 100);
    for (let seconds = 610; seconds <= 680; seconds += 10) at(seconds, 60_000);
    expect(samples.rate()).to.equal(0);
  });

  it("stay few over days, at even distances, from the first to the newest", () => {
    const { samples, at } = start();
    for (let beat = 0; beat <= 30_000; beat++) at(beat * 10, beat);
    const points = samples.points();
    expect(points.length).to.be.within(100, 242);
    expect(points[0]).to.deep.equal([0, 0]);
    expect(points.at(-1)).to.deep.equal([300_000, 30_000]);
    const distances = new Set(points.slice(1, -1).map(([seconds], index) => seconds - (points[index]?.[0] ?? 0)));
    expect(distances.size).to.equal(1);
  });
});
