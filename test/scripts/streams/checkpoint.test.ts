import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, expect } from "chai";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../../scripts/streams/checkpoint";
import { checkpointWriter } from "../../../scripts/streams/checkpoint-writer";

const checkpoint: Checkpoint = {
  streamArn: "arn",
  upToDateAt: Date.UTC(2026, 0, 1),
  shards: new Map([
    ["s1", { progress: { state: "finished" } }],
    ["s2", { parent: "s1", progress: { state: "reading", sequenceNumber: "0".repeat(39).concat("7") } }],
    ["__proto__", { parent: "s1", progress: { state: "unread" } }],
  ]),
};

describe("The checkpoint file", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
    file = join(folder, "checkpoint.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("gives back what was written, and leaves no other file", async () => {
    expect(await readCheckpoint(file)).to.equal(undefined);
    await writeCheckpoint(file, checkpoint);
    await writeCheckpoint(file, checkpoint);
    expect(await readCheckpoint(file)).to.deep.equal(checkpoint);
    expect(await readdir(folder)).to.deep.equal(["checkpoint.json"]);
  });

  it("is refused when it is cut off, empty or another file: reading must not begin anew in silence", async () => {
    for (const text of ["", '{"format":"dynamodb-streams-', "[]", "{}", '{"format":"dynamodb-streams-checkpoint-1"}']) {
      await writeFile(file, text);
      await readCheckpoint(file).then(
        () => assert.fail(`it should have been refused: ${text}`),
        (error: unknown) => expect(error).to.have.property("code", "E_CHECKPOINT_INVALID"),
      );
    }
  });

  it("is written behind the work: once for many changes, and as it is at a flush", async () => {
    let current = checkpoint;
    const errors: unknown[] = [];
    const writer = checkpointWriter(
      file,
      () => current,
      (error) => errors.push(error),
      5,
    );
    for (let count = 1; count <= 100; count += 1) {
      current = { ...checkpoint, upToDateAt: count };
      writer.changed();
    }
    expect(await readCheckpoint(file)).to.equal(undefined);
    await writer.flush();
    expect((await readCheckpoint(file))?.upToDateAt).to.equal(100);
    expect(errors).to.deep.equal([]);
  });
});
