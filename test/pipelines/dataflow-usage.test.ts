import { join } from "node:path";
import { expect } from "chai";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { detailsOf, expectError, PROCESS_MILLISECONDS, sampleMapping } from "./load";

/** Found before anything is connected to. */
describe("usage of --runner dataflow", function () {
  this.timeout(PROCESS_MILLISECONDS);
  const folder = useFolder();
  const place = "--project p --instance i --database d --spanner-timeout 1 --runner dataflow".split(" ");
  const needed = "--region r --temp-location gs://b/temp --sdk-container-image gcr.io/p/worker:1".split(" ");
  const shared = "--input gs://b/export --dead-letters gs://b/letters".split(" ");
  const bulk = (...words: readonly string[]) =>
    runCommand(["bulk", ...place, "--mapping", sampleMapping("migration"), ...words], { CLOUDSDK_COMPUTE_REGION: "" });

  it("names all options that are missing, and folders that workers can't reach", async () => {
    const result = await bulk("--input", "export");
    expectError(result, "E_USAGE", /several mistakes/);
    expect(detailsOf(result)).to.deep.equal([
      "--runner dataflow needs --region",
      "--runner dataflow needs --temp-location",
      "--runner dataflow needs --sdk-container-image",
      "--input export: workers on Dataflow reach it only as a gs:// URL",
      "--dead-letters dead-letters: workers on Dataflow reach it only as a gs:// URL",
    ]);
  });

  it("names values that Dataflow would refuse", async () => {
    const words = "--job-name Load_1 --labels team=data,Cost --staging-location /tmp --no-wait --summary s.json";
    const result = await bulk(...needed, ...shared, ...words.split(" "));
    expectError(result, "E_USAGE", /several mistakes/);
    expect(detailsOf(result).map((detail) => /^--[a-z-]+( \S+)?/.exec(detail)?.[0])).to.deep.equal([
      "--staging-location /tmp:",
      "--job-name Load_1:",
      "--labels Cost:",
      "--summary tells",
    ]);
  });

  it("says how to get the Python environment where it is missing", async () => {
    const result = await bulk(...needed, ...shared, "--beam-python", join(folder(), "python"));
    expectError(result, "E_BEAM_PYTHON", /python does not exist/);
  });

  describe("of stream", () => {
    const stream = (...words: readonly string[]) =>
      runCommand(["stream", ...place, "--mapping", sampleMapping("migration"), "--subscription", "changes", ...words], {
        CLOUDSDK_COMPUTE_REGION: "",
      });

    it("names all options that are missing, and a folder that workers can't reach", async () => {
      const result = await stream();
      expectError(result, "E_USAGE", /several mistakes/);
      expect(detailsOf(result)).to.deep.equal([
        "--runner dataflow needs --region",
        "--runner dataflow needs --temp-location",
        "--runner dataflow needs --sdk-container-image",
        "--dead-letters dead-letters: workers on Dataflow reach it only as a gs:// URL",
      ]);
    });

    it("names what can't be asked of a job that goes on by itself", async () => {
      const words = "--dead-letters gs://b/letters --update --stop-when-idle 5 --no-wait --summary s.json";
      const result = await stream(...needed, ...words.split(" "));
      expectError(result, "E_USAGE", /several mistakes/);
      expect(detailsOf(result).map((detail) => /^--[a-z-]+/.exec(detail)?.[0])).to.deep.equal([
        "--update",
        "--stop-when-idle",
        "--summary",
      ]);
    });
  });
});
