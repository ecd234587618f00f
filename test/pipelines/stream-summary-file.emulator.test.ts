import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";
import { itemsMapping, putItem } from "./item-changes";
import { createStreamFixture, type StreamFixture } from "./stream-fixture";

describe("a stream's summary file that can't be written", function () {
  this.timeout(240_000);
  pubSubEmulator.use();
  spannerEmulator.use();

  let fixture: StreamFixture;
  beforeEach(async () => {
    fixture = await createStreamFixture(itemsMapping);
  });
  afterEach(() => fixture.remove());

  it("is found at the start, not after days of work", async () => {
    await fixture.publish([putItem("a", 1, 1)]);
    const summary = join(fixture.folder, "no-such-folder", "summary.json");
    const { exitCode, stderr } = await fixture.start("early", ["--summary", summary]).finished;
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("E_SUMMARY_UNWRITABLE").and.to.contain(summary);
    expect((await fixture.itemsState()).versions).to.deep.equal([]);
  });

  it("does not hide what ended the stream", async () => {
    const folder = join(fixture.folder, "goes-away");
    await mkdir(folder);
    const stream = fixture.start("late", ["--summary", join(folder, "summary.json")]);
    await stream.waitForError(/Applying changes/);
    await rm(folder, { recursive: true });
    await rm(fixture.deadLetters, { recursive: true });
    await writeFile(fixture.deadLetters, "");
    await fixture.publishRaw([{ data: Buffer.from("no change") }]);
    const { exitCode, stderr } = await stream.finished;
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/E_DEAD_LETTERS_UNWRITABLE.+E_SUMMARY_UNWRITABLE/s);
  });
});
