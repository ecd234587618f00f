import { expect } from "chai";
import { digestKey, digestText, KeySketch } from "../../transforms/verify-key-sketch";

function textsOf(keys: readonly string[]): readonly string[] {
  return keys.map((key) => digestText(digestKey(key))).sort();
}

describe("A sketch of keys", () => {
  it("gives back exactly the rows without an item, and items met twice, among many that cancel out", () => {
    const sketch = new KeySketch();
    for (let index = 0; index < 200_000; index++) sketch.add(digestKey(`key ${index}`));
    for (let index = 199_999; index >= 0; index--) {
      if (index % 20_000 !== 7) sketch.takeOut(digestKey(`key ${index}`));
    }
    sketch.takeOut(digestKey("key 5"));
    const { surplus, repeated, complete } = sketch.difference();
    const wanted = Array.from({ length: 10 }, (_, index) => `key ${index * 20_000 + 7}`);
    expect([...surplus].sort()).to.deep.equal(textsOf(wanted));
    expect([...repeated]).to.deep.equal(textsOf(["key 5"]));
    expect(complete).to.equal(true);
  });

  it("gives back all of a difference within its capacity, and says so when it can't", () => {
    const within = new KeySketch();
    for (let index = 0; index < 120_000; index++) within.add(digestKey(`row ${index}`));
    const all = within.difference();
    expect(all.complete).to.equal(true);
    expect(all.surplus.size).to.equal(120_000);

    const beyond = new KeySketch();
    for (let index = 0; index < 400_000; index++) beyond.add(digestKey(`row ${index}`));
    expect(beyond.difference().complete).to.equal(false);
  }).timeout(240_000);

  it("spreads keys over samples evenly", () => {
    const shares = Array.from({ length: 10_000 }, (_, index) => digestKey(`key ${index}`).share);
    expect(shares.filter((share) => share < 0.1).length).to.be.within(900, 1_100);
    expect(Math.max(...shares)).to.be.lessThan(1);
  });
});
