import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { assertSupportedBeamVersion } from "../../beam/beam-version";
import { MigrationError } from "../../errors/migration-error";
import { type SdkDefects, VAR_INTS } from "./fixtures/sdk-defects";

async function observe(mode: "original" | "patched"): Promise<SdkDefects> {
  const script = join(__dirname, "fixtures", "sdk-defects.js");
  const { stdout } = await promisify(execFile)(process.execPath, [script, mode]);
  return JSON.parse(stdout.slice(stdout.lastIndexOf("{"))) as SdkDefects;
}

describe("patches of the SDK", () => {
  let original: SdkDefects;
  let patched: SdkDefects;

  before(async () => {
    [original, patched] = await Promise.all([observe("original"), observe("patched")]);
  });

  it("keep integers beyond 32 bits", () => {
    expect(original.varInts).to.not.deep.equal(VAR_INTS);
    expect(patched.varInts).to.deep.equal(VAR_INTS);
  });

  it("start each bundle's counters at 0", () => {
    expect(original.secondBundleCount).to.deep.equal([6]);
    expect(patched.secondBundleCount).to.deep.equal([1]);
  });

  it("leave out the SDK's line for each bundle", () => {
    expect(original.printed).to.deep.equal(["Processing "]);
    expect(patched.printed).to.deep.equal([]);
  });

  it("make flatMap wait for the steps after it", () => {
    const waiting = [0, 1, 2].flatMap((number) => [`yields ${number}`, `Sink takes ${number}`, `Sink took ${number}`]);
    expect(original.backPressure).to.not.deep.equal(["Sink started", ...waiting]);
    expect(patched.backPressure).to.deep.equal(["Sink started", ...waiting]);
  });

  it("start all steps before the first element", () => {
    const started = ["A started", "B started"];
    expect(original.startOrder.slice(0, 2)).to.not.deep.equal(started);
    expect(patched.startOrder.slice(0, 2)).to.deep.equal(started);
  });

  it("tell every step that the bundle has failed", () => {
    expect(original.abandonment).to.not.include("A abandoned");
    expect(patched.abandonment.slice(-2)).to.deep.equal(["A abandoned", "This step always fails."]);
  });

  it("end an offer of artifacts with its status, headers or none", () => {
    expect(original.artifactOffers).to.deep.equal(["still waiting", "still waiting"]);
    expect(patched.artifactOffers).to.deep.equal(["done", "Error: refused"]);
  });

  it("refuse to be applied to another version of the SDK", () => {
    expect(() => assertSupportedBeamVersion("2.50.0"))
      .to.throw(MigrationError, /2\.50\.0/)
      .with.property("code", "E_BEAM_VERSION");
    expect(() => assertSupportedBeamVersion()).to.not.throw();
  });
});
