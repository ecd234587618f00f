import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBRecord } from "aws-lambda";
import { assert, expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../../errors/migration-error";
import type { StreamHandler } from "../../../lambda/src/handler";
import { readCheckpoint, writeCheckpoint } from "../../../scripts/streams/checkpoint";
import { replicateStream, type StreamReplication } from "../../../scripts/streams/replicate-stream";
import { awsError, type FakeStream, fakeStream } from "./fake-stream";

const timing = { poll: 1, discovery: 2, checkpoint: 1, backoff: 1, idleCheck: 2 };
const idleSeconds = 0.02;
const day = 24 * 60 * 60 * 1000;

interface Publisher {
  readonly handler: StreamHandler;
  readonly published: readonly DynamoDBRecord[];
}

/** Publishes up to the first record that `fails`, and answers as the real handler does. */
function publisher(fails: (record: DynamoDBRecord) => boolean = () => false): Publisher {
  const published: DynamoDBRecord[] = [];
  return {
    published,
    handler: async ({ Records: records }) => {
      await new Promise(setImmediate);
      const failure = records.findIndex(fails);
      published.push(...(failure < 0 ? records : records.slice(0, failure)));
      const itemIdentifier = records[failure]?.dynamodb?.SequenceNumber;
      return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] };
    },
  };
}

function sequenceNumbers(records: readonly DynamoDBRecord[]): (string | undefined)[] {
  return records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
}

function keyOf(record: DynamoDBRecord): string | undefined {
  return record.dynamodb?.Keys?.["PK"]?.S;
}

function firstTimes(records: readonly DynamoDBRecord[]): readonly DynamoDBRecord[] {
  return [...new Map(records.map((record) => [record.eventID, record])).values()];
}

/** Every record at least once, and the first time each item's in their order. */
function expectAllInOrder(published: readonly DynamoDBRecord[], { written }: FakeStream): void {
  for (const key of new Set(written.map(keyOf))) {
    const ofKey = (records: readonly DynamoDBRecord[]) =>
      sequenceNumbers(records.filter((record) => keyOf(record) === key));
    expect(ofKey(firstTimes(published))).to.deep.equal(ofKey(written));
  }
}

async function failureOf(run: Promise<unknown>): Promise<MigrationError> {
  try {
    await run;
  } catch (error) {
    assert.instanceOf(error, MigrationError);
    return error;
  }
  return assert.fail("it should have failed");
}

describe("replicateStream", () => {
  let folder: string;
  let checkpointFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "streams-"));
    checkpointFile = join(folder, "checkpoint.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = (source: FakeStream, { handler }: Publisher, options: Partial<StreamReplication> = {}) =>
    replicateStream({
      source,
      handler,
      checkpointFile,
      from: "oldest",
      stopWhenIdleSeconds: idleSeconds,
      signal: new AbortController().signal,
      onReady: () => undefined,
      warn: () => undefined,
      timing,
      ...options,
    });

  it("publishes all shards, each after its parent, and nothing twice when started again", async () => {
    const stream = fakeStream(["a", "b", "c", "d"]);
    const { published, handler } = publisher();
    for (const key of ["a", "b", "c", "d", "a"]) stream.write(key);
    stream.close("a", 2);
    for (const key of ["a", "b", "c", "d", "a"]) stream.write(key);
    stream.close("a", 1);
    stream.write("a");
    expect(await run(stream, { published, handler })).to.equal(11);
    expectAllInOrder(published, stream);
    expect(published).to.have.length(11);

    stream.write("b");
    expect(await run(stream, { published, handler })).to.equal(1);
    expectAllInOrder(published, stream);
  });

  it("does not read a child before all of its parent is published", async () => {
    const stream = fakeStream(["a"]);
    let attempts = 0;
    const slow = publisher(({ dynamodb }) => dynamodb?.SequenceNumber === "2" && ++attempts < 5);
    stream.write("a");
    stream.write("a");
    stream.close("a", 1);
    stream.write("a");
    await run(stream, slow);
    expect(sequenceNumbers(slow.published)).to.deep.equal(["1", "2", "3"]);
    expect(attempts).to.equal(5);
  });

  it("starts at the newest record on demand, and misses nothing from then on, also after a restart", async () => {
    const stream = fakeStream(["a", "b"]);
    stream.write("a");
    stream.close("a", 2);
    stream.write("a");
    const target = publisher();
    const stop = new AbortController();
    await run(stream, target, {
      from: "latest",
      signal: stop.signal,
      onReady: () => {
        // Killed before anything was read: the checkpoint holds no position of these shards yet.
        stop.abort();
      },
    });
    expect(target.published).to.deep.equal([]);
    stream.write("b");
    await run(stream, target, { from: "latest" });
    expect(sequenceNumbers(target.published)).to.include("3").and.not.to.include("1");

    const another = publisher();
    checkpointFile = join(folder, "another.json");
    await run(stream, another, { from: "latest", onReady: () => stream.write("a") });
    expect(sequenceNumbers(another.published)).to.deep.equal(["4"]);
  });

  it("gets new iterators for expired ones and waits out throttling, server and network errors", async () => {
    const stream = fakeStream(["a"]);
    const target = publisher();
    for (let count = 0; count < 10; count += 1) stream.write("a");
    stream.failNext(
      awsError("LimitExceededException"),
      awsError("InternalServerError", "server"),
      new Error("connect ECONNREFUSED"),
      awsError("ThrottlingException"),
      awsError("ExpiredIteratorException"),
    );
    const warnings: string[] = [];
    await run(stream, target, { warn: (message) => warnings.push(message) });
    expect(sequenceNumbers(target.published)).to.deep.equal(sequenceNumbers(stream.written));
    expect(warnings).to.have.length(4);
  });

  it("goes on behind what it has published when its iterator has expired", async () => {
    const stream = fakeStream(["a"]);
    for (let count = 0; count < 9; count += 1) stream.write("a");
    const target = publisher();
    const handler: StreamHandler = (event, context) => {
      stream.expireIterators();
      return target.handler(event, context);
    };
    await run(stream, { published: target.published, handler });
    expect(sequenceNumbers(target.published)).to.deep.equal(sequenceNumbers(stream.written));
  });

  it("ends with an error that no retry mends, with what was published in the checkpoint", async () => {
    const stream = fakeStream(["a"]);
    for (let count = 0; count < 10; count += 1) stream.write("a");
    const target = publisher();
    const run1 = run(stream, {
      published: target.published,
      handler: async (event, context) => {
        const answer = await target.handler(event, context);
        if (target.published.length === 6) stream.failNext(awsError("AccessDeniedException"));
        return answer;
      },
    });
    expect((await failureOf(run1)).code).to.equal("E_STREAM_READ");
    await run(stream, target);
    expect(sequenceNumbers(target.published)).to.deep.equal(sequenceNumbers(stream.written));
  });

  it("ends when the handler refuses the stream or its configuration", async () => {
    const stream = fakeStream(["a"]);
    stream.write("a");
    const handler = () => Promise.reject(new MigrationError("E_STREAM_VIEW", "KEYS_ONLY"));
    expect((await failureOf(run(stream, { published: [], handler }))).code).to.equal("E_STREAM_VIEW");
  });

  it("sends all again after an unexpected error of the handler, or an answer that names no record of the batch", async () => {
    const stream = fakeStream(["a"]);
    for (let count = 0; count < 3; count += 1) stream.write("a");
    const target = publisher();
    const answers: StreamHandler[] = [
      () => Promise.reject(new Error("unexpected")),
      async () => ({ batchItemFailures: [{ itemIdentifier: "" }] }),
      async () => ({ batchItemFailures: [{ itemIdentifier: "2" }, { itemIdentifier: "unknown" }] }),
    ];
    const handler: StreamHandler = (event, context) => (answers.shift() ?? target.handler)(event, context);
    await run(stream, { published: target.published, handler });
    expect(sequenceNumbers(target.published)).to.deep.equal(["1", "2", "3"]);
  });

  describe("says so when the stream has lost changes", () => {
    it("behind the checkpoint's position", async () => {
      const stream = fakeStream(["a"]);
      stream.write("a");
      await run(stream, publisher());
      stream.write("a");
      stream.trim("a");
      expect((await failureOf(run(stream, publisher()))).code).to.equal("E_STREAM_TRIMMED");
    });

    it("with a shard that was not read to its end", async () => {
      const stream = fakeStream(["a"]);
      stream.write("a");
      await run(stream, publisher());
      stream.close("a", 1);
      stream.trim("a");
      const error = await failureOf(run(stream, publisher()));
      expect(error.code).to.equal("E_STREAM_TRIMMED");
      expect(error.message).to.include("s0");
    });

    it("with a shard that came and went", async () => {
      const stream = fakeStream(["a"]);
      stream.write("a");
      stream.close("a", 1);
      await run(stream, publisher());
      const known = await readCheckpoint(checkpointFile);
      assert(known !== undefined);
      await writeCheckpoint(checkpointFile, {
        ...known,
        shards: new Map([["s0", { progress: { state: "finished" } }]]),
      });
      stream.close("a", 1);
      stream.trim("a");
      stream.trim("a");
      const error = await failureOf(run(stream, publisher()));
      expect(error.code).to.equal("E_STREAM_TRIMMED");
      expect(error.message).to.include("s1");
    });

    it("perhaps, in a pause of 24 hours", async () => {
      const stream = fakeStream(["a"]);
      await run(stream, publisher());
      const stored = await readCheckpoint(checkpointFile);
      assert(stored !== undefined);
      await writeCheckpoint(checkpointFile, { ...stored, upToDateAt: Date.now() - day + 60_000 });
      await run(stream, publisher());
      await writeCheckpoint(checkpointFile, { ...stored, upToDateAt: Date.now() - day });
      expect((await failureOf(run(stream, publisher()))).code).to.equal("E_STREAM_TRIMMED");
    });

    it("and does not count time in which nothing could be published as up to date", async () => {
      const stream = fakeStream(["a"]);
      stream.write("a");
      const stop = new AbortController();
      let attempts = 0;
      const started = Date.now();
      const failing = publisher(() => {
        if (++attempts === 12) stop.abort();
        return true;
      });
      await run(stream, failing, { signal: stop.signal, timing: { ...timing, backoff: 10 } });
      const stored = await readCheckpoint(checkpointFile);
      expect(stored?.upToDateAt).to.be.within(started, Date.now() - 30);
    });
  });

  it("refuses the checkpoint of another stream", async () => {
    const stream = fakeStream(["a"]);
    await run(stream, publisher());
    const other = { ...stream, arn: `${stream.arn}1` };
    expect((await failureOf(run(other, publisher()))).code).to.equal("E_STREAM_CHANGED");
  });

  it("ends with an error when the checkpoint can't be written", async () => {
    const stream = fakeStream(["a"]);
    const checkpoint = join(folder, "missing", "checkpoint.json");
    const failure = await failureOf(run(stream, publisher(), { checkpointFile: checkpoint }));
    expect(failure.code).to.equal("E_CHECKPOINT_WRITE");
  });

  it("loses nothing and reorders nothing in any history of splits, faults, stops and crashes", async function () {
    this.timeout(240_000);
    const keys = ["a", "b", "c", "d", "e", "f"];
    const key = fc.constantFrom(...keys);
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), key }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("close" as const), key, children: fc.integer({ min: 1, max: 2 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("expire" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("fault" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), key }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), turns: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("remember" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("stop" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
    );
    let history = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        checkpointFile = join(folder, `history-${history++}.json`);
        const stream = fakeStream(keys);
        const failOnce = new Set<string | undefined>();
        const target = publisher((record) => failOnce.delete(keyOf(record)));
        let stop = new AbortController();
        const begin = () => run(stream, target, { signal: stop.signal, stopWhenIdleSeconds: undefined });
        let running = begin();
        let remembered: Buffer | undefined;
        const restart = async () => {
          stop.abort();
          await running;
          stop = new AbortController();
        };
        for (const next of steps) {
          switch (next.do) {
            case "write":
              stream.write(next.key);
              break;
            case "close":
              stream.close(next.key, next.children);
              break;
            case "expire":
              stream.expireIterators();
              break;
            case "fault":
              stream.failNext(awsError("InternalServerError", "server"));
              break;
            case "fail":
              failOnce.add(next.key);
              break;
            case "pass":
              for (let turn = 0; turn < next.turns; turn += 1) await new Promise(setImmediate);
              break;
            case "remember":
              remembered = await readFile(checkpointFile).catch(() => undefined);
              break;
            case "stop":
              await restart();
              running = begin();
              break;
            case "crash":
              // What was written after the remembered checkpoint did not reach the disk.
              await restart();
              if (remembered !== undefined) await writeFile(checkpointFile, remembered);
              running = begin();
              break;
          }
        }
        await restart();
        failOnce.clear();
        await run(stream, target);
        expectAllInOrder(target.published, stream);
      }),
      { numRuns: process.env["LONG_TESTS"] ? 2000 : 100 },
    );
  });
});
