import { expect } from "chai";
import { emulatorEndpoint } from "../../storage/google-client";
import { openFolder } from "../../storage/open-folder";
import { expectFailure } from "../export/failure";

describe("STORAGE_EMULATOR_HOST", () => {
  it("is taken with and without scheme, slash and path", () => {
    for (const host of [
      "localhost:4443",
      "http://localhost:4443",
      "http://localhost:4443/",
      "http://localhost:4443/storage/v1/",
    ]) {
      expect(emulatorEndpoint(host)).to.equal("http://localhost:4443");
    }
    expect(emulatorEndpoint("https://proxy.example")).to.equal("https://proxy.example");
    expect(emulatorEndpoint("")).to.equal(undefined);
    expect(emulatorEndpoint(undefined)).to.equal(undefined);
  });
});

describe("A gs:// address", () => {
  it("is normalised", () => {
    for (const [url, normal] of [
      ["gs://bucket", "gs://bucket"],
      ["gs://bucket/", "gs://bucket"],
      ["gs://bucket/a/b//", "gs://bucket/a/b"],
      ["GS://bucket/a", "gs://bucket/a"],
    ] as const) {
      expect(openFolder(url).url).to.equal(normal);
    }
    expect(openFolder("gs://bucket").urlOf("a/b")).to.equal("gs://bucket/a/b");
  });

  it("must name a bucket", async () => {
    for (const url of ["gs://", "gs:///a", "s3://bucket", "https://storage.googleapis.com/bucket", ""]) {
      await expectFailure(async () => openFolder(url), "E_STORAGE_URL", /bucket/);
    }
  });
});
