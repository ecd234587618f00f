import { expect } from "chai";
import { googleHeaders } from "../../beam/google-token";

describe("credentials for Google's APIs", () => {
  const variable = "GOOGLE_APPLICATION_CREDENTIALS";
  const before = process.env[variable];
  afterEach(() => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  });

  it("that are missing are an error that says so", async () => {
    process.env[variable] = "/nowhere/key.json";
    const error = await googleHeaders()().catch((thrown: unknown) => thrown);
    expect(error).to.have.property("code", "E_DATAFLOW_CREDENTIALS");
    expect((error as Error).message).to.include("/nowhere/key.json");
  });
});
