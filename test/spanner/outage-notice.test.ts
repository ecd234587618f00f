import { expect } from "chai";
import type { SpannerFailure } from "../../spanner/error-class";
import { outageNotice } from "../../spanner/outage-notice";

type Retry = SpannerFailure & { kind: "retry" };
const failure = (reason: Retry["reason"]): Retry => ({ kind: "retry", reason, otherwise: "stop" });

describe("outageNotice", () => {
  let at: number;
  let said: string[];
  let notice: ReturnType<typeof outageNotice>;
  const fails = (second: number, reason: Retry["reason"] = "unavailable") => {
    at = second * 1000;
    notice(failure(reason), new Error("14 UNAVAILABLE: no route\nstack"));
  };

  beforeEach(() => {
    said = [];
    notice = outageNotice(
      "db",
      (text) => said.push(text),
      () => at,
    );
  });

  it("says so after ten seconds, and again every minute", () => {
    for (const second of [0, 4, 9, 12, 30, 60, 71, 73, 90]) fails(second);
    expect(said).to.deep.equal([
      "db: no success for 12 s, trying again: 14 UNAVAILABLE: no route",
      "db: no success for 73 s, trying again: 14 UNAVAILABLE: no route",
    ]);
  });

  it("does not add up outages that lie apart", () => {
    for (const second of [0, 8, 200, 208, 400]) fails(second);
    expect(said).to.deep.equal([]);
  });

  it("is silent about conflicts, which are over at once, and about errors that may concern a row", () => {
    for (let second = 0; second < 100; second++)
      for (const reason of ["aborted", "internal"] as const) fails(second, reason);
    expect(said).to.deep.equal([]);
  });
});
