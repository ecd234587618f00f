import { expect } from "chai";
import { encodeFailure } from "../../beam/failure-text";
import { flinkFailure } from "../../beam/flink-failure";
import { MigrationError } from "../../errors/migration-error";

const failure = (...texts: readonly string[]) => flinkFailure(texts, "job", "/opt/worker-main.js");

describe("why a Flink job has failed", () => {
  it("is the very error of a step, whatever Java puts around it", () => {
    const own = new MigrationError("E_EXPORT_FILE_ALTERED", "a.gz was altered", { details: ["one"] });
    const text = `org.apache.flink.SomeException: job failed\n\tat x.y(Z.java:1)\nCaused by: ${encodeFailure(own)}\n\t... 3 more`;
    expect(failure("", text)).to.deep.include({ code: "E_EXPORT_FILE_ALTERED", message: "a.gz was altered" });
  });

  it("tells a worker that can't start from one that was killed", () => {
    const died = (code: number) => failure(`java.lang.IllegalStateException: Process died with exit code ${code}`);
    expect(died(1)).to.have.property("code", "E_WORKER_START");
    expect(died(137)).to.have.property("code", "E_WORKER_LOST");
    expect(failure("StatusRuntimeException: CANCELLED: client cancelled")).to.have.property("code", "E_WORKER_LOST");
    expect(failure('Cannot run program "/opt/worker-main.js": error=2')).to.have.property("code", "E_WORKER_START");
  });

  it("is else the innermost of Java's causes, without its stack", () => {
    const error = failure("a.B: outer\n\tat a.b(C.java:1)\nCaused by: c.D: inner\n\tat c.d(E.java:2)\n\t... 1 more");
    expect(error).to.have.property("code", "E_FLINK_JOB_FAILED");
    expect(error.message).to.equal("job: c.D: inner");
  });
});
