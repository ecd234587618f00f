import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { useFolder } from "../export/export-folder";
import { expectExit } from "../pipelines/load";
import { startProgram } from "../support/command-line";
import { dynamoDbLocal } from "../support/dynamodb";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";

const PROGRAM = join(__dirname, "../../scripts/rehearsal/main.js");

describe("make rehearsal", function () {
  this.timeout(600_000);
  spannerEmulator.use();
  pubSubEmulator.use();
  dynamoDbLocal.use();
  const folder = useFolder();

  it("goes from an empty database to the first write of the application, with NO-GO until all is proven", async () => {
    const data = join(folder(), "data");
    const result = await startProgram(PROGRAM, ["--items", "1000", "--folder", data]).finished;
    expectExit(result, 0);
    const verdicts = [...result.stdout.matchAll(/│ verdict +│ ((?:NO-)?GO)\b/g)].map(([, verdict]) => verdict);
    expect(verdicts).to.deep.equal(["NO-GO", "NO-GO", "NO-GO", "GO"]);
    expect([...result.stdout.matchAll(/^(NO_GO_\w+):/gm)].map(([, code]) => code)).to.include.members([
      "NO_GO_LOAD_MISSING",
      "NO_GO_STREAM_MISSING",
      "NO_GO_INDEXES_MISSING",
      "NO_GO_RUN_ACTIVE",
      "NO_GO_VERIFICATION_MISSING",
    ]);
    expect(result.stdout).to.not.match(/^WARN_/m);
    expect(result.stdout).to.include("The application writes to Spanner now: ");
    const report = await readFile(join(data, "migration.html"), "utf8");
    expect(report).to.include('<p class="word">GO</p>');
    expect(report).to.not.match(/does not add up|NaN|undefined/);
    // Four data files, each with its checksum.
    expect(report.match(/<small>MD5 [A-Za-z0-9+/]{22}==<\/small>/g)).to.have.length(4);
  });
});
