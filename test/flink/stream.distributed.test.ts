import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { openFlinkRest } from "../../beam/flink-rest";
import { changeRecord, finalState, itemsMapping, putItem, randomChanges, shuffled } from "../pipelines/item-changes";
import { changeSchema } from "../pipelines/mapped-database";
import { createStreamFixture, type StreamFixture, until } from "../pipelines/stream-fixture";
import type { RunningCommand } from "../support/command-line";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { flinkCluster, JOB_MILLISECONDS, runningCluster } from "./cluster";

const id = { type: "STRING(64)", from: "Id" };
const value = { type: "INT64", from: "Value" };
/** Parts lie in their parents, which nothing makes for them. */
const familyMapping = {
  source: { table: "Items", partitionKey: "Id", sortKey: "Part" },
  tables: [
    {
      name: "Parents",
      primaryKey: ["Id"],
      when: { attribute: "Part", equals: "-" },
      columns: { Id: id, Value: value },
    },
    {
      name: "Parts",
      interleaveIn: "Parents",
      primaryKey: ["Id", "Part"],
      columns: { Id: id, Part: { type: "STRING(64)" }, Value: value },
    },
  ],
};

const ITEMS = 300;
const CHANGES = 6_000;

describe("stream --runner flink", function () {
  this.timeout(JOB_MILLISECONDS);
  pubSubEmulator.use();
  spannerEmulator.use();
  flinkCluster.use();
  let fixture: StreamFixture;

  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
  });
  afterEach(() => fixture.remove());

  function start(...more: readonly string[]): RunningCommand {
    const { flinkMaster, jobEndpoint, expansionService } = runningCluster();
    const onFlink = ["--runner", "flink", "--flink-master", flinkMaster, "--job-endpoint", jobEndpoint];
    const service = ["--expansion-service", expansionService ?? "", "--checkpoint-interval", "2"];
    return fixture.start("flink", [...onFlink, ...service, ...more]);
  }

  it("applies changes in whatever order they come, and stops on the user's word", async () => {
    const changes = randomChanges({ seed: 4, items: ITEMS, changes: CHANGES });
    const command = start();
    await fixture.publish(shuffled(changes, 4, 20));
    const wanted = JSON.stringify(finalState(changes));
    await until(async () => JSON.stringify(await fixture.itemsState()) === wanted);
    await command.waitForError(/[1-9][\d,]* applied/);
    command.process.kill("SIGINT");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(0);
    const [, name = ""] = /Flink job (\S+)/.exec(stderr) ?? [];
    expect(await openFlinkRest(runningCluster().flinkMaster).findJob(name)).to.have.property("state", "CANCELED");
    const { status, read, applied } = await fixture.summary("flink");
    expect(status).to.equal("unproven");
    // Flink renews its counters now and then: these are a lower bound.
    expect(applied).to.be.within(1, read);
  });

  it("has acknowledged nothing that is not committed when it is cancelled in the midst of its work", async () => {
    const changes = randomChanges({ seed: 5, items: ITEMS, changes: CHANGES });
    // Bundles of seconds: what they hold when the job is cancelled has been read, and not been applied.
    const command = start("--window", "3", "--checkpoint-interval", "3", "--window-messages", "100000");
    const messages = shuffled(changes, 5, 20);
    const publishing = (async () => {
      for (let from = 0; from < messages.length; from += 100) {
        await fixture.publish(messages.slice(from, from + 100));
        await pause(100);
      }
    })();
    await until(async () => (await fixture.itemsState()).versions.length > 0);
    command.process.kill("SIGINT");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(0);
    await publishing;
    const wanted = JSON.stringify(finalState(changes));
    const rest = fixture.start("direct", ["--stop-when-idle", "100"]);
    await until(async () => JSON.stringify(await fixture.itemsState()) === wanted);
    rest.process.kill("SIGINT");
    expect((await rest.finished).exitCode).to.equal(0);
  });

  it("stores what can't be applied as dead letters, a child without its parent too, and goes on", async () => {
    await fixture.remove();
    fixture = await createStreamFixture(familyMapping);
    const command = start("--parent-wait", "2");
    await fixture.publish([changeRecord({ Id: { S: "b" }, Part: { S: "-" } }, 4, { Value: { N: "3" } })]);
    await until(async () => (await fixture.query("SELECT Id FROM Parents")).length === 1);
    await fixture.publish([
      changeRecord({ Id: { S: "a" }, Part: { S: "-" } }, 1, { Value: { N: "1.5" } }),
      changeRecord({ Id: { S: "orphan" }, Part: { S: "1" } }, 2, { Value: { N: "1" } }),
      changeRecord({ Id: { S: "b" }, Part: { S: "1" } }, 3, { Value: { N: "2" } }),
    ]);
    await fixture.publishRaw([{ data: Buffer.from("no JSON") }]);
    await until(async () => (await fixture.letters()).length >= 3);
    await until(async () => (await fixture.query("SELECT Id FROM Parts")).length === 1);
    await command.waitForError(/3 dead letters/);
    command.process.kill("SIGINT");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(3);
    const letters = await fixture.letters();
    const codes = letters.map(({ code, table = "", column = "" }) => `${code} ${table} ${column}`);
    expect(new Set(codes)).to.deep.equal(
      new Set(["E_CHANGE_NOT_JSON  ", "E_PARENT_MISSING Parts ", "E_CONVERSION_INEXACT Parents Value"]),
    );
    for (const { source } of letters) {
      expect(source).to.have.property("messageId").that.matches(/^\d+$/);
      expect(source)
        .to.have.property("publishTime")
        .that.matches(/^20\d\d-.*Z$/);
    }
    expect(await fixture.query("SELECT Id, CAST(Value AS STRING) AS Value FROM Parents")).to.deep.equal([
      { Id: "b", Value: "3" },
    ]);
  });

  it("ends with the step's own error where no repetition mends it", async () => {
    const command = start();
    await fixture.publish([putItem("a", 1, 1)]);
    await until(async () => (await fixture.itemsState()).rows.length === 1);
    await changeSchema(fixture.database, ["DROP TABLE Items"]);
    await fixture.publish([putItem("a", 2, 2)]);
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(1);
    expect(stderr)
      .to.match(/E_SPANNER_\w+: .*Items/)
      .and.not.match(/^\s+at /m);
    const [, name = ""] = /Flink job (\S+)/.exec(stderr) ?? [];
    expect(await openFlinkRest(runningCluster().flinkMaster).findJob(name)).to.have.property("state", "CANCELED");
  });

  it("says which service does not answer", async () => {
    const command = start("--expansion-service", "localhost:1");
    const { exitCode, stderr } = await command.finished;
    expect(exitCode, stderr).to.equal(1);
    expect(stderr)
      .to.match(/E_EXPANSION_SERVICE: the Beam expansion service at localhost:1/)
      .and.not.match(/^\s+at /m);
  });
});
