import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { DynamoDBRecord } from "aws-lambda";
import { expect } from "chai";
import type { StreamSummary } from "../../pipelines/stream-summary";
import type { Item } from "../../schema/attribute-value";
import { exportIdOf, writeExport } from "../../scripts/export-writer";
import { type CommandResult, runCommand } from "../support/command-line";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { finalState, itemsMapping, putItem, randomChanges, shuffled } from "./item-changes";
import { createStreamFixture, type StreamFixture } from "./stream-fixture";

const IDLE = ["--stop-when-idle", "4"];

function expectSuccess({ exitCode, stderr }: CommandResult): void {
  expect(exitCode, stderr).to.equal(0);
}

function expectAccounted(summary: StreamSummary): void {
  const { read, applied, stale, superseded, filtered, expired, deadLettered, waiting } = summary;
  expect(applied + stale + superseded + filtered + expired + deadLettered + waiting).to.equal(read);
}

describe("streams and loads that run at once", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  let fixture: StreamFixture;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
  });
  afterEach(() => fixture.remove());

  /** Which stream a message goes to is Pub/Sub's own affair: some come again, each second, until `seen` says both had some. */
  async function publishUntil(seen: Promise<unknown>, messages: readonly DynamoDBRecord[]): Promise<void> {
    const done = seen.then(() => true);
    while (!(await Promise.race([done, setTimeout(1000, false)]))) await fixture.publish(messages.slice(-100));
  }

  it("two streams of one subscription end in the state of the source", async () => {
    const changes = randomChanges({ seed: 2, items: 300, changes: 3000 });
    const messages = shuffled(changes, 2, 10);
    const words = ["--window-messages", "100", "--stop-when-idle", "15"];
    const streams = [fixture.start("one", words), fixture.start("two", words)];
    await Promise.all(streams.map((stream) => stream.waitForError(/Applying changes/)));
    await fixture.publish(messages);
    await publishUntil(Promise.all(streams.map((stream) => stream.waitForError(/[1-9]\d* (applied|held)/))), messages);
    for (const { finished } of streams) expectSuccess(await finished);

    expect(await fixture.itemsState()).to.deep.equal(finalState(changes));
    const summaries = [await fixture.summary("one"), await fixture.summary("two")];
    summaries.forEach(expectAccounted);
    expect(summaries.reduce((sum, { read }) => sum + read, 0)).to.be.at.least(messages.length);
    for (const { read } of summaries) expect(read).to.be.above(0);
  });

  describe("an export taken in the middle of the changes", () => {
    const untouched = Array.from({ length: 30 }, (_, index) => putItem(`untouched-${index}`, index, index));
    const history = randomChanges({ seed: 3, items: 200, changes: 1500 });
    /** The earlier ones were made before there was a subscription: only the export has them. */
    const published = history.slice(400);
    const exported = [...untouched, ...history.slice(0, 900)];
    const source = { rows: finalState([...untouched, ...history]).rows, versions: finalState(published).versions };
    const messages = shuffled(published, 3, 10);

    async function bulk(): Promise<CommandResult> {
      const input = join(fixture.folder, "export");
      const startTime = new Date("2026-01-01T00:00:00Z");
      const items = itemsOf(exported);
      await writeExport({
        folder: input,
        table: "Items",
        exportId: exportIdOf(startTime, "Items"),
        startTime,
        exportTime: startTime,
        endTime: () => startTime,
        dataFiles: [[items.slice(0, 50)], [items.slice(50)]],
      });
      const { project, instance, database } = fixture.database;
      return runCommand([
        ...["bulk", "--mapping", fixture.mappingFile, "--input", input],
        ...["--project", project, "--instance", instance, "--database", database],
        ...["--dead-letters", join(fixture.folder, "bulk-dead-letters")],
      ]);
    }

    async function expectSource(): Promise<void> {
      expect(await fixture.itemsState()).to.deep.equal(source);
      const summary = await fixture.summary("stream");
      expectAccounted(summary);
      expect(summary.read).to.be.at.least(messages.length);
    }

    it("is loaded before the stream", async () => {
      await fixture.publish(messages);
      expectSuccess(await bulk());
      expectSuccess(await fixture.start("stream", IDLE).finished);
      await expectSource();
    });

    it("is loaded after the stream", async () => {
      await fixture.publish(messages);
      expectSuccess(await fixture.start("stream", IDLE).finished);
      expectSuccess(await bulk());
      await expectSource();
    });

    it("is loaded while the stream runs and changes go on", async () => {
      const third = Math.floor(messages.length / 3);
      await fixture.publish(messages.slice(0, third));
      const stream = fixture.start("stream", ["--window-messages", "100", ...IDLE]);
      await stream.waitForError(/Applying changes/);
      const loading = bulk();
      await fixture.publish(messages.slice(third, 2 * third));
      expectSuccess(await loading);
      await fixture.publish(messages.slice(2 * third));
      expectSuccess(await stream.finished);
      await expectSource();
    });
  });
});

/** The items of the table after the records, in DynamoDB JSON. */
function itemsOf(records: readonly DynamoDBRecord[]): readonly Item[] {
  return finalState(records).rows.map(({ id, value, note }) => ({
    Id: { S: id },
    ...(value === null ? {} : { Value: { N: value } }),
    ...(note === null ? {} : { Note: { S: note } }),
  }));
}
