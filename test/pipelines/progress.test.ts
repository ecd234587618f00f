import { expect } from "chai";
import { formatDuration } from "../../pipelines/format-duration";
import { describeProgress } from "../../pipelines/progress";
import { closeLedger, openLedger } from "../../transforms/ledger";

describe("the progress line", () => {
  const ledger = () => openLedger("progress-test");
  afterEach(() => closeLedger("progress-test"));

  it("begins with nothing", () => {
    expect(describeProgress(ledger(), 1000, 0)).to.equal("0 rows, 0 rows/s, 0 %");
  });

  it("shows rows, rows per second, percentage and time left", () => {
    ledger().add("a", { read: 9000, written: 2500 });
    expect(describeProgress(ledger(), 10_000, 10)).to.equal("2,500 rows, 250 rows/s, 25 %, 30 s left");
  });

  it("counts stale, filtered and dead items as done, and tells of dead letters", () => {
    ledger().add("a", { written: 1000, stale: 500, filtered: 250, deadLettered: 250 });
    expect(describeProgress(ledger(), 4000, 100)).to.equal(
      "1,000 rows, 10 rows/s, 50 %, 1 m 40 s left, 250 dead letters",
    );
  });

  it("says 100 % only at the end", () => {
    ledger().add("a", { written: 9999 });
    expect(describeProgress(ledger(), 10_000, 1)).to.match(/99 %, 1 s left$/);
    ledger().add("a", { written: 1 });
    expect(describeProgress(ledger(), 10_000, 1)).to.match(/100 %$/);
  });

  it("knows no percentage without a manifest, or of nothing", () => {
    ledger().add("a", { written: 10 });
    expect(describeProgress(ledger(), undefined, 2)).to.equal("10 rows, 5 rows/s");
    expect(describeProgress(ledger(), 0, 2)).to.equal("10 rows, 5 rows/s");
  });

  it("writes durations for people", () => {
    expect([0, 0.2, 59, 59.5, 60, 3599, 3600, 90_000].map(formatDuration)).to.deep.equal([
      "0 s",
      "1 s",
      "59 s",
      "1 m 0 s",
      "1 m 0 s",
      "59 m 59 s",
      "1 h 0 m",
      "25 h 0 m",
    ]);
  });
});
