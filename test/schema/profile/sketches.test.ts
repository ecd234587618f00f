import { expect } from "chai";
import fc from "fast-check";
import { DistinctCount, distinctEstimate, hash53 } from "../../../schema/profile/hyper-log-log";
import { KeySample } from "../../../schema/profile/key-sample";
import { NumberSample } from "../../../schema/profile/number-sample";

describe("Sketches of a profile", () => {
  it("count different texts exactly while they are few, and within 5 % when they are many", () => {
    for (const many of [1, 100, 256, 257, 1_000, 10_000, 200_000]) {
      const counter = new DistinctCount();
      for (let index = 0; index < many; index += 1) {
        counter.add(`user-${index}`);
        counter.add(`user-${index}`);
      }
      if (many <= 256) expect(counter.estimate).to.equal(many);
      expect(counter.estimate / many, String(many)).to.be.within(0.95, 1.05);
      expect(JSON.stringify(counter.state).length).to.be.below(6_000);
    }
  });

  it("are the same when counted in parts", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 600 }), fc.nat(600), (texts, cut) => {
        const whole = new DistinctCount();
        const parts = [new DistinctCount(), new DistinctCount()] as const;
        for (const [index, text] of texts.entries()) {
          whole.add(text);
          parts[index < cut ? 0 : 1].add(text);
        }
        parts[0].merge(JSON.parse(JSON.stringify(parts[1].state)));
        expect(parts[0].estimate).to.equal(whole.estimate);
        expect(distinctEstimate(parts[0].state).exact).to.equal(whole.isExact);
      }),
      { numRuns: 50 },
    );
  });

  it("hash short texts without accident", () => {
    const hashes = new Set(Array.from({ length: 300_000 }, (_, index) => hash53(`${index}`)));
    expect(hashes.size).to.equal(300_000);
  });

  it("find a key that is there twice among 100,000, in bounded memory", () => {
    const sample = new KeySample();
    for (let index = 0; index < 100_000; index += 1) sample.add(`key-${index}`);
    expect(sample.state.duplicates).to.equal(0);
    expect(sample.state.hashes.length).to.be.below(16_385);
    const other = new KeySample();
    for (let index = 0; index < 100_000; index += 100) other.add(`key-${index}`);
    sample.merge(other.state);
    expect(sample.state.duplicates).to.be.above(50);
  });

  it("keep a sample of numbers that looks like all of them", () => {
    const sample = new NumberSample();
    const other = new NumberSample();
    for (let index = 0; index < 50_000; index += 1) (index % 4 === 0 ? other : sample).add(index);
    sample.merge(other.state);
    const { seen, values } = sample.state;
    expect(seen).to.equal(50_000);
    expect(values).to.have.length(256);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).to.be.within(20_000, 30_000);
  });
});
