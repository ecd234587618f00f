import { expect } from "chai";
import { restartedCounters } from "../../beam/restarted-counters";

describe("counters of workers that start again", () => {
  it("add up what was counted before", () => {
    const counters = restartedCounters();
    expect(counters.see({ read: 5, applied: 3 })).to.deep.equal({ read: 5, applied: 3 });
    expect(counters.see({ read: 7, applied: 3 })).to.deep.equal({ read: 7, applied: 3 });
    // A worker has gone, and counts from 0.
    expect(counters.see({ read: 2 })).to.deep.equal({ read: 9, applied: 3 });
    expect(counters.see({ read: 2, applied: 1 })).to.deep.equal({ read: 9, applied: 4 });
  });

  it("keep what they had where there is no answer", () => {
    const counters = restartedCounters();
    counters.see({ read: 5 });
    expect(counters.see({})).to.deep.equal({ read: 5 });
    expect(counters.see({ read: 6 })).to.deep.equal({ read: 6 });
  });
});
