import { mock } from "node:test";
import timers from "node:timers/promises";
import { expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { CommitRefused } from "../../spanner/commit-refused";
import { grpcStatus } from "../../spanner/error-class";
import { retryTransient } from "../../spanner/transient-retry";
import { thrown } from "./thrown";

const failure = (code: number, details: string): Error => Object.assign(new Error(details), { code, details });
const aborted = failure(grpcStatus.ABORTED, "aborted");

function failing(...errors: readonly Error[]): { attempt: () => Promise<string>; attempts: () => number } {
  let attempts = 0;
  return {
    attempt: async () => {
      const error = errors[Math.min(attempts++, errors.length - 1)];
      if (error !== undefined && attempts <= errors.length) throw error;
      return "done";
    },
    attempts: () => attempts,
  };
}

describe("retryTransient", () => {
  const subject = "database d";

  it("repeats what may pass, and reports each repetition", async () => {
    const { attempt, attempts } = failing(aborted, failure(grpcStatus.UNAVAILABLE, "gone"), aborted);
    const reasons: string[] = [];
    const onRetry = ({ reason }: { reason: string }): unknown => reasons.push(reason);
    expect(await retryTransient(attempt, { subject, onRetry })).to.equal("done");
    expect(attempts()).to.equal(4);
    expect(reasons).to.deep.equal(["aborted", "unavailable", "aborted"]);
  });

  it("repeats nothing else", async () => {
    const refused = failing(failure(grpcStatus.FAILED_PRECONDITION, "too long"));
    expect(await thrown(retryTransient(refused.attempt, { subject }))).to.be.instanceOf(CommitRefused);
    const stopped = failing(failure(grpcStatus.PERMISSION_DENIED, "no"));
    expect(await thrown(retryTransient(stopped.attempt, { subject }))).to.include({ code: "E_SPANNER_PERMISSION" });
    const own = new MigrationError("E_SPANNER_FAILED", "own");
    expect(await thrown(retryTransient(failing(own).attempt, { subject }))).to.equal(own);
    expect([refused.attempts(), stopped.attempts()]).to.deep.equal([1, 1]);
  });

  it("gives up when the time is over, with what was wrong last", async () => {
    const gone = new Array(1000).fill(failure(grpcStatus.UNAVAILABLE, "connect ECONNREFUSED"));
    const started = Date.now();
    const error = await thrown(retryTransient(failing(...gone).attempt, { subject, totalMilliseconds: 300 }));
    expect(Date.now() - started).to.be.below(9000);
    expect(error).to.include({ code: "E_SPANNER_UNREACHABLE", message: "database d: connect ECONNREFUSED" });
    const conflict = new Array(1000).fill(aborted);
    expect(await thrown(retryTransient(failing(...conflict).attempt, { subject, totalMilliseconds: 100 }))).to.include({
      code: "E_SPANNER_RETRIES_EXHAUSTED",
    });
  });

  describe("after INTERNAL errors of unknown kind", () => {
    const odd = failure(grpcStatus.INTERNAL, "An internal error occurred.");
    let waits: number[];
    beforeEach(() => {
      waits = [];
      mock.method(timers, "setTimeout", async (milliseconds: number) => void waits.push(milliseconds));
    });
    afterEach(() => mock.restoreAll());

    it("goes on when they pass, whatever has failed before", async () => {
      const passing = failing(aborted, aborted, aborted, aborted, aborted, odd, odd, odd, odd);
      expect(await retryTransient(passing.attempt, { subject })).to.equal("done");
    });

    it("holds a row to blame after some seconds of them, not before", async () => {
      const lasting = failing(...new Array(100).fill(odd));
      expect(await thrown(retryTransient(lasting.attempt, { subject }))).to.be.instanceOf(CommitRefused);
      expect(lasting.attempts()).to.equal(5);
      for (const [index, least] of [500, 1000, 2000, 4000].entries()) {
        expect(waits[index]).to.be.within(least, 1.5 * least);
      }
      expect(waits).to.have.lengthOf(4);
    });
  });

  it("waits as long as Spanner asks", async () => {
    const asks = Object.assign(failure(grpcStatus.ABORTED, "aborted"), {
      metadata: { get: () => [Buffer.from("0a0510809bee02", "hex")] },
    });
    const started = Date.now();
    await retryTransient(failing(asks, asks, asks, asks).attempt, { subject });
    expect(Date.now() - started).to.be.within(20, 2000);
  });

  it("stops at once when it is told to, also while it waits", async () => {
    const controller = new AbortController();
    const gone = new Array(1000).fill(failure(grpcStatus.UNAVAILABLE, "gone"));
    const retrying = retryTransient(failing(...gone).attempt, {
      subject,
      signal: controller.signal,
      onRetry: () => setImmediate(() => controller.abort()),
    });
    expect(await thrown(retrying)).to.include({ code: "E_INTERRUPTED" });
  });
});
