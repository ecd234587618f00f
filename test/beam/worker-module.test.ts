import { existsSync } from "node:fs";
import { getRegisteredModules } from "apache-beam/serialization";
import { expect } from "chai";
import "../../beam/create-elements";
import "../../beam/direct-runner";
import "../../beam/list-side-input";
import { workerModuleFile } from "../../beam/worker-module";

describe("registerForWorkers", () => {
  it("names modules that a worker finds", () => {
    const own = getRegisteredModules().filter((name) => name.startsWith("dynamodb-spanner-migration/"));
    expect(own).to.include("dynamodb-spanner-migration/beam/patches");
    for (const name of own) {
      expect(existsSync(`${workerModuleFile(name)}.js`), name).to.equal(true);
    }
  });

  it("leaves the names of other packages as they are", () => {
    expect(workerModuleFile("apache-beam/transforms/pardo")).to.equal("apache-beam/transforms/pardo");
  });
});
