import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { toMessage } from "../../lambda/src/record-message";
import { runCommand } from "../support/command-line";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { changeRecord, deleteItem, itemsMapping, putItem } from "./item-changes";
import { createStreamFixture, type RawMessage, type StreamFixture } from "./stream-fixture";

const IDLE = ["--stop-when-idle", "3"];

/** Refuses what the mapping allows. */
const CHECK = "ALTER TABLE Items ADD CONSTRAINT NoPoison CHECK (Value != 666)";

describe("what a stream does with bad input", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  let fixture: StreamFixture;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping, { ddl: [CHECK] });
  });
  afterEach(() => fixture.remove());

  const codes = async () => (await fixture.letters()).map(({ code }) => code).toSorted();
  const ids = async () => (await fixture.itemsState()).rows.map(({ id }) => id);

  it("writes what it can, and keeps a dead letter of each message that it can't read or that Spanner refuses", async () => {
    const good = [putItem("a", 1, 1), putItem("b", 2, 2), deleteItem("c", 3)];
    const otherTable = changeRecord({ Id: { S: "x" } }, 4, { Value: { N: "1" } }, { table: "Orders" });
    const withoutImage = changeRecord({ Id: { S: "y" } }, 5, undefined, { eventName: "MODIFY" });
    const bare = JSON.stringify(putItem("bare", 7, 7).dynamodb);
    const raw: readonly RawMessage[] = [
      { data: Buffer.from("no JSON") },
      { data: Buffer.from([0xff, 0xfe, 0]) },
      { data: Buffer.from("null") },
      { data: Buffer.from(JSON.stringify({ Records: [good[0]] })) },
      { data: Buffer.from('{"Message":"of an older format"}') },
      { data: Buffer.from(JSON.stringify(otherTable)) },
      { data: Buffer.from(bare), attributes: { table: "Orders" } },
      { data: Buffer.from(JSON.stringify(withoutImage)) },
      { data: Buffer.from(bare) },
    ];
    await fixture.publish([...good, putItem("poison", 666, 6)]);
    await fixture.publishRaw(raw);
    const { exitCode, stderr } = await fixture.start("bad", IDLE).finished;
    expect(exitCode, stderr).to.equal(3);
    expect(stderr).to.match(/9 changes became dead letters in .*dead-letters/);

    expect(await ids()).to.deep.equal(["a", "b", "bare"]);
    expect(await codes()).to.deep.equal([
      "E_CHANGE_FORMAT",
      "E_CHANGE_FORMAT",
      "E_CHANGE_FORMAT",
      "E_CHANGE_NOT_JSON",
      "E_CHANGE_NOT_JSON",
      "E_CHANGE_NO_NEW_IMAGE",
      "E_CHANGE_OTHER_TABLE",
      "E_CHANGE_OTHER_TABLE",
      "E_SPANNER_ROW_REFUSED",
    ]);
    expect(await fixture.summary("bad")).to.include({
      status: "dead-letters",
      read: 13,
      applied: 4,
      stale: 0,
      superseded: 0,
      waiting: 0,
      deadLettered: 9,
    });
    const letters = await fixture.letters();
    const poison = letters.find(({ code }) => code === "E_SPANNER_ROW_REFUSED");
    expect(poison).to.include({ table: "Items", payload: JSON.stringify(putItem("poison", 666, 6)) });
    expect(poison?.source).to.include.keys("messageId", "publishTime", "sequenceNumber");
    const { message } = letters.find(({ code }) => code === "E_CHANGE_OTHER_TABLE") ?? {};
    expect(message).to.contain('"Orders"').and.to.contain('"Items"');

    const again = await fixture.start("again", IDLE).finished;
    expect(again.exitCode, again.stderr).to.equal(0);
    expect(await fixture.summary("again")).to.include({ read: 0 });
  });

  it("takes a message of nearly 10 MB, whether it is a change or not", async () => {
    const size = 9.9 * 1024 * 1024;
    const note = { S: "x".repeat(size) };
    const large = changeRecord({ Id: { S: "large" } }, 1, { Value: { N: "1" }, Note: note });
    const unreadable = Buffer.alloc(size, "[");
    await fixture.publishRaw([
      toMessage(large),
      { data: unreadable },
      ...Array.from({ length: 3 }, (_, n) => ({ data: Buffer.alloc(size, `${n}`) })),
      toMessage(putItem("small", 2, 2)),
    ]);
    const { exitCode, stderr } = await fixture.start("large", IDLE).finished;
    expect(exitCode, stderr).to.equal(3);
    // 400 KB is the most that an item of DynamoDB may have, and 2.5 MiB the most that a cell of Spanner may have.
    expect(await ids()).to.deep.equal(["small"]);
    expect(await fixture.summary("large")).to.include({ read: 6, applied: 1, deadLettered: 5 });
    expect(stderr).to.not.match(/x{100}/);
  });

  it("acknowledges a message that can't be applied only once its dead letter is stored", async () => {
    const stream = fixture.start("unwritable");
    await stream.waitForError(/Applying changes/);
    // A file in the place of the folder stops the superuser as well.
    await rm(fixture.deadLetters, { recursive: true });
    await writeFile(fixture.deadLetters, "");
    await fixture.publish([putItem("poison", 666, 2), putItem("b", 3, 3)]);
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode, stderr).to.equal(1);
    expect(stderr).to.contain("E_DEAD_LETTERS_UNWRITABLE");
    expect((await fixture.summary("unwritable")).status).to.equal("failed");

    await rm(fixture.deadLetters);
    // Given back rather than left to its lease: there at once.
    const next = await fixture.start("writable", IDLE).finished;
    expect(next.exitCode, next.stderr).to.equal(3);
    expect(await codes()).to.deep.equal(["E_SPANNER_ROW_REFUSED"]);
    expect(await ids()).to.deep.equal(["b"]);
    const { deadLettered, applied, stale } = await fixture.summary("writable");
    expect({ deadLettered, others: applied + stale }).to.deep.equal({ deadLettered: 1, others: 1 });
  });

  it("finds at the start that dead letters can't be stored", async () => {
    await rm(fixture.deadLetters, { recursive: true });
    await writeFile(fixture.deadLetters, "");
    const { exitCode, stderr } = await fixture.start("probe").finished;
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("E_DEAD_LETTERS_UNWRITABLE").and.to.contain(fixture.deadLetters);
  });

  it("says which subscription is missing, and what that means", async () => {
    const missing = ["--subscription", "no-such-subscription"];
    const { exitCode, stderr } = await fixture.start("missing", missing).finished;
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("E_PUBSUB_SUBSCRIPTION_NOT_FOUND");
    expect(stderr).to.contain("projects/test-project/subscriptions/no-such-subscription");
    expect(stderr).to.match(/begin again with a new subscription and a new export/);
  });

  it("refuses a database that lacks the version table", async () => {
    const other = join(fixture.folder, "other.json");
    const [table] = itemsMapping.tables;
    await writeFile(other, JSON.stringify({ ...itemsMapping, tables: [{ ...table, name: "Others" }] }));
    const { exitCode, stderr } = await fixture.start("schema", ["--mapping", other]).finished;
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("E_SCHEMA_DIFFERS").and.to.contain("Others_Versions");
  });

  it("refuses usage that can't be meant, before it connects", async () => {
    const withoutSubscription = fixture
      .words("usage")
      .filter((word) => word !== "--subscription" && word !== fixture.subscription);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [withoutSubscription, /subscription/],
      [fixture.words("usage", "--subscription", "a b"), /--subscription a b: give its name/],
      [fixture.words("usage", "--expired-items", "keep"), /expired-items/],
      [fixture.words("usage", "--window", "soon"), /--window/],
      [fixture.words("usage", "--window", "-1"), /--window/],
      [fixture.words("usage", "--window-messages", "0"), /--window-messages/],
      [fixture.words("usage", "--stop-when-idle", "-5"), /--stop-when-idle/],
      [fixture.words("usage", "--parent-wait", "-1"), /--parent-wait/],
    ];
    for (const [words, pattern] of cases) {
      const { exitCode, stderr } = await runCommand(words);
      expect(exitCode, stderr).to.equal(2);
      expect(stderr)
        .to.match(/E_USAGE/)
        .and.to.match(pattern);
    }
  });
});
