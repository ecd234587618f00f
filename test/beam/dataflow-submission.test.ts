import "apache-beam";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Pipeline } from "apache-beam/proto/beam_runner_api";
import { expect } from "chai";
import { submitToDataflow } from "../../beam/dataflow-submission";
import { programPath } from "../../scripts/emulators/program-path";
import { useFolder } from "../export/export-folder";
import { eventually } from "./journal";

const pipeline = Pipeline.create({ requirements: ["one"] });

describe("handing a pipeline to Dataflow", function () {
  this.timeout(60_000);
  const folder = useFolder();

  /** A program in place of Python, of these lines. */
  async function program(...lines: readonly string[]): Promise<string> {
    const path = join(folder(), "python");
    await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
    await chmod(path, 0o755);
    return path;
  }
  const failure = async (path: string) =>
    submitToDataflow(path, pipeline, {}).then(
      () => expect.fail("it was submitted"),
      (error: unknown) => error as Error & { details: readonly string[] },
    );

  it("sends pipeline and options, integers as such, and gives the job's id", async () => {
    const path = await program(`head -n 1 > ${folder()}/request`, `echo '{"jobId": "job-1"}'`);
    expect(await submitToDataflow(path, pipeline, { num_workers: 3, labels: ["a=b"], update: false })).to.equal(
      "job-1",
    );
    const request = JSON.parse(await readFile(join(folder(), "request"), "utf8")) as {
      pipeline: string;
      options: object;
    };
    expect(Pipeline.fromBinary(Buffer.from(request.pipeline, "base64"))).to.deep.equal(pipeline);
    expect(request.options).to.deep.equal({ num_workers: 3, labels: ["a=b"], update: false });
  });

  for (const { answer, code } of [
    { answer: { kind: "credentials", message: "no key" }, code: "E_DATAFLOW_CREDENTIALS" },
    { answer: { kind: "exists", message: "no key" }, code: "E_DATAFLOW_JOB_EXISTS" },
    { answer: { kind: "staging", message: "no key" }, code: "E_DATAFLOW_STAGING" },
    { answer: { kind: "other", message: "no key" }, code: "E_DATAFLOW_REFUSED" },
    { answer: { kind: "http", message: "no key", status: 400 }, code: "E_DATAFLOW_REFUSED" },
    { answer: { kind: "http", message: "no key", status: 403 }, code: "E_DATAFLOW_PERMISSION" },
    { answer: { kind: "http", message: "no key", status: 503 }, code: "E_DATAFLOW_UNREACHABLE" },
  ]) {
    it(`tells ${answer.kind} ${answer.status ?? ""} as ${code}`, async () => {
      const path = await program("head -n 1 > /dev/null", `echo '${JSON.stringify({ error: answer })}'`);
      expect(await failure(path)).to.include({ code, message: "no key" });
    });
  }

  it("tells a Python that can't run the SDK, with its last words", async () => {
    const error = await failure(await program('echo "No module named apache_beam" >&2', "exit 1"));
    expect(error).to.have.property("code", "E_BEAM_PYTHON");
    expect(error.message).to.include("exit code 1");
    expect(error.details).to.deep.equal(["No module named apache_beam"]);
  });

  it("tells a Python that is none", async () => {
    expect(await failure(join(folder(), "nothing"))).to.have.property("code", "E_BEAM_PYTHON");
  });

  it("leaves no process behind when the launcher is killed in the midst of it", async function () {
    const python = programPath("python3");
    if (python === undefined) return this.skip();
    const pidFile = join(folder(), "pid");
    // An SDK that takes ten minutes to load: the program itself is the real one.
    const sdk = join(process.cwd(), "test/dataflow/fixtures/slow-sdk");
    const slow = await program(`echo $$ > ${pidFile}`, `PYTHONPATH=${sdk} exec ${python} "$@"`);
    const launcher = spawn(process.execPath, [require.resolve("./fixtures/submit-slowly"), slow]);
    let pid = 0;
    while (pid === 0) pid = Number(await readFile(pidFile, "utf8").catch(() => "0"));
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    await eventually(() => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
