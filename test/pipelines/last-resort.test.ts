import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { COMMAND_LINE } from "../support/command-line";

const GUARD = JSON.stringify(join(__dirname, "../../pipelines/last-resort.js"));

/** Runs a program that is guarded. */
function run(program: string) {
  const { status, stderr } = spawnSync(process.execPath, ["-e", `require(${GUARD}).guardProcess(); ${program}`], {
    encoding: "utf8",
  });
  return { status, stderr };
}

describe("what no command foresees", function () {
  this.timeout(240_000);

  for (const [title, program] of [
    ["an exception that nobody catches", `setTimeout(() => { throw new RangeError("unforeseen"); }, 1);`],
    ["a rejection that nobody catches", `Promise.reject(new RangeError("unforeseen"));`],
  ] as const) {
    it(`${title} is an error without a stack trace`, () => {
      const { status, stderr } = run(program);
      expect(status, stderr).to.equal(1);
      expect(stderr)
        .to.contain("E_INTERNAL: unforeseen")
        .and.to.not.match(/^\s+at /m);
    });
  }

  it("a command that never ends though nothing is left to wait for is no success", () => {
    const { status, stderr } = run("new Promise(() => {}).then(() => process.exit(0));");
    expect(status, stderr).to.equal(1);
    expect(stderr).to.contain("E_INTERNAL");
  });

  it("a reader of the output that has gone ends nothing", () => {
    const command = `${JSON.stringify(process.execPath)} ${JSON.stringify(COMMAND_LINE)} --help`;
    const { stdout, stderr } = spawnSync("bash", ["-c", `(sleep 0.2; ${command}; echo "code $?" >&2) | true`], {
      encoding: "utf8",
    });
    expect(stdout).to.equal("");
    expect(stderr).to.equal("code 0\n");
  });
});
