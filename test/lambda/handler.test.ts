import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { assert, expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import { createHandler, type LogLine } from "../../lambda/src/handler";
import type { RecordMessage } from "../../lambda/src/record-message";
import { type FaultTopic, faultTopic, grpcError } from "./fault-topic";
import { putRecord } from "./stream-records";

interface TestFunction {
  readonly topics: readonly FaultTopic[];
  readonly lines: readonly LogLine[];
  invoke(records: readonly DynamoDBRecord[], milliseconds?: number): Promise<string[]>;
}

function testFunction(failure: (message: RecordMessage) => unknown): TestFunction {
  const topics: FaultTopic[] = [];
  const lines: LogLine[] = [];
  const handler = createHandler({
    openTopic: async () => {
      const topic = faultTopic(failure);
      topics.push(topic);
      return topic;
    },
    log: (line) => lines.push(line),
  });
  return {
    topics,
    lines,
    invoke: async (records, milliseconds = 60_000) => {
      const answer = await handler({ Records: [...records] }, { getRemainingTimeInMillis: () => milliseconds });
      return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
  };
}

describe("The Lambda handler", () => {
  it("answers with no failure when every record is published", async () => {
    const { invoke, topics, lines } = testFunction(() => undefined);
    expect(await invoke([putRecord("a", "1"), putRecord("b", "2")])).to.deep.equal([]);
    expect(topics[0]?.stored).to.have.length(2);
    expect(lines).to.deep.equal([]);
  });

  it("answers an empty batch without opening the topic", async () => {
    const { invoke, topics } = testFunction(() => undefined);
    expect(await invoke([])).to.deep.equal([]);
    expect(topics).to.have.length(0);
  });

  it("answers with the lowest sequence number that failed, compared as integers", async () => {
    const failed = new Set(["1000", "999"]);
    const { invoke } = testFunction(({ attributes }) =>
      failed.has(attributes.sequenceNumber) ? grpcError(14, "unavailable") : undefined,
    );
    const records = [putRecord("c", "98"), putRecord("a", "999"), putRecord("b", "1000"), putRecord("d", "1001")];
    expect(await invoke(records)).to.deep.equal(["999"]);
  });

  it("loses nothing and keeps the order of each item when AWS retries from where it says", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        async (ids, faults) => {
          const records = ids.map((id, index) => putRecord(id, String(index + 95)));
          let left = 60;
          const isFaulty = () => left-- > 0 && faults.next().value === true;
          const { invoke, topics } = testFunction(() => (isFaulty() ? grpcError(14, "unavailable") : undefined));
          let from = 0;
          for (let attempts = 1; ; attempts += 1) {
            const [failure] = await invoke(records.slice(from));
            if (failure === undefined) break;
            assert.isAtMost(attempts, 60, "every fault was met once, and still the batch does not get through");
            from = records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failure);
            assert.isAtLeast(from, 0);
          }
          const stored = topics[0]?.stored.map(({ data }) => JSON.parse(data.toString())) ?? [];
          for (const id of new Set(ids)) {
            const ofItem = (record: DynamoDBRecord) => record.dynamodb?.Keys?.["PK"]?.S === id;
            const firstTimes = stored
              .filter(ofItem)
              .filter((record, index, all) => all.findIndex(({ eventID }) => eventID === record.eventID) === index);
            expect(firstTimes).to.deep.equal(records.filter(ofItem));
          }
        },
      ),
      { numRuns: 200 },
    ));

  it("keeps its client after a failure of Pub/Sub, and takes a new one when the credentials are refused", async () => {
    const failures = [grpcError(14, "unavailable"), grpcError(16, "expired"), undefined];
    const { invoke, topics } = testFunction(() => failures.shift());
    expect(await invoke([putRecord("a", "1")])).to.deep.equal(["1"]);
    expect(await invoke([putRecord("a", "1")])).to.deep.equal(["1"]);
    expect(topics).to.have.length(1);
    expect(topics[0]?.closed).to.equal(true);
    expect(await invoke([putRecord("a", "1")])).to.deep.equal([]);
    expect(topics).to.have.length(2);
  });

  it("answers before the function's time is over, and drops the client that has not answered", async () => {
    const { invoke, topics, lines } = testFunction(({ attributes }) =>
      attributes.sequenceNumber === "2" ? "hang" : undefined,
    );
    expect(await invoke([putRecord("a", "1"), putRecord("b", "2"), putRecord("c", "3")], 1030)).to.deep.equal(["2"]);
    expect(topics[0]?.closed).to.equal(true);
    expect(lines[0]?.message).to.match(/time was over/);
  });

  it("tries to open the topic again at the next batch when that failed", async () => {
    const errors = [new MigrationError("E_LAMBDA_CONFIGURATION", "no topic")];
    const topic = faultTopic(() => undefined);
    const handler = createHandler({
      openTopic: async () => {
        const error = errors.shift();
        if (error !== undefined) throw error;
        return topic;
      },
      log: () => undefined,
    });
    const event = { Records: [putRecord("a", "1")] };
    await handler(event).then(
      () => assert.fail("it should have thrown"),
      (error: unknown) => expect(error).to.have.property("code", "E_LAMBDA_CONFIGURATION"),
    );
    expect(await handler(event)).to.deep.equal({ batchItemFailures: [] });
  });

  it("publishes nothing of a batch that holds a record without its new image", async () => {
    const { invoke, topics } = testFunction(() => undefined);
    const keysOnly = putRecord("b", "2");
    const records = [
      putRecord("a", "1"),
      { ...keysOnly, dynamodb: { ...keysOnly.dynamodb, StreamViewType: "KEYS_ONLY" as const } },
    ];
    await invoke(records).then(
      () => assert.fail("it should have thrown"),
      (error: unknown) => expect(error).to.have.property("code", "E_STREAM_VIEW"),
    );
    expect(topics).to.have.length(0);
  });

  it("refuses an event that has no records", async () => {
    const handler = createHandler({ openTopic: async () => faultTopic(() => undefined), log: () => undefined });
    await handler({ key1: "value1" } as unknown as DynamoDBStreamEvent).then(
      () => assert.fail("it should have thrown"),
      (error: unknown) => expect(error).to.have.property("code", "E_STREAM_RECORD"),
    );
  });

  it("logs nothing of an item, whatever the error says", async () => {
    const errors = [
      new TypeError("bad value top-secret"),
      new SyntaxError("Unexpected token top-secret"),
      grpcError(3, "invalid"),
      "top-secret",
      Object.assign(new Error("Could not load the default credentials"), {}),
    ];
    const { invoke, lines } = testFunction(({ attributes }) => errors[Number(attributes.sequenceNumber) - 1]);
    await invoke(errors.map((_, index) => putRecord(`top-secret-${index}`, String(index + 1), "top-secret")));
    expect(JSON.stringify(lines)).not.to.include("top-secret");
    expect(lines[0]).to.deep.include({ level: "error", records: 5, unpublished: 5, retryFrom: "1" });
    expect(lines[0]?.errors).to.have.members([
      "TypeError",
      "SyntaxError",
      "gRPC status 3: invalid",
      "a thrown string",
      "Error: Could not load the default credentials",
    ]);
  });
});
