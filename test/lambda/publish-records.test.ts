import { expect } from "chai";
import fc from "fast-check";
import { MAX_MESSAGE_BYTES, publishRecords } from "../../lambda/src/publish-records";
import { type RecordMessage, toMessage } from "../../lambda/src/record-message";
import { faultTopic, grpcError } from "./fault-topic";
import { putRecord } from "./stream-records";

const unavailable = grpcError(14, "unavailable");

function messagesOf(ids: readonly string[]): RecordMessage[] {
  return ids.map((id, index) => toMessage(putRecord(id, String(index + 1))));
}

function sequenceNumbers(messages: readonly RecordMessage[]): string[] {
  return messages.map(({ attributes }) => attributes.sequenceNumber);
}

describe("publishRecords", () => {
  it("publishes everything, and each key's messages in their order", async () => {
    const topic = faultTopic(() => undefined);
    const outcome = await publishRecords(messagesOf(["a", "b", "a", "c", "a", "b"]), topic);
    expect(outcome).to.deep.equal({ unpublished: [], errors: [], timedOut: false });
    expect(topic.stored).to.have.length(6);
    expect(topic.resumed).to.deep.equal([]);
  });

  it("publishes nothing of a key after its first failure, everything of the other keys, and resumes the key", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 }),
        fc.func(fc.boolean()),
        async (ids, fails) => {
          const messages = messagesOf(ids);
          const topic = faultTopic((message) => (fails(message.attributes.sequenceNumber) ? unavailable : undefined));
          const outcome = await publishRecords(messages, topic);

          const expectedUnpublished = new Set<RecordMessage>();
          const failedKeys = new Set<string>();
          for (const message of messages) {
            if (fails(message.attributes.sequenceNumber)) failedKeys.add(message.orderingKey);
            if (failedKeys.has(message.orderingKey)) expectedUnpublished.add(message);
          }
          expect(outcome.unpublished).to.deep.equal(messages.filter((message) => expectedUnpublished.has(message)));
          const expectedStored = messages.filter((message) => !expectedUnpublished.has(message));
          expect(sequenceNumbers(topic.stored)).to.have.members(sequenceNumbers(expectedStored));
          for (const key of new Set(messages.map(({ orderingKey }) => orderingKey))) {
            const stored = topic.stored.filter(({ orderingKey }) => orderingKey === key);
            const given = messages.filter(({ orderingKey }) => orderingKey === key);
            expect(stored).to.deep.equal(given.slice(0, stored.length));
          }
          expect(topic.resumed.toSorted()).to.deep.equal([...failedKeys].toSorted());
          expect(outcome.errors).to.have.length(failedKeys.size);
        },
      ),
    ));

  it("keeps later groups of a large key back when an earlier one fails", async () => {
    const large = "x".repeat(1_500_000);
    const messages = ["1", "2", "3", "4", "5"].map((number) => toMessage(putRecord("a", number, large)));
    const offered: string[] = [];
    const topic = faultTopic(({ attributes }) => {
      offered.push(attributes.sequenceNumber);
      return attributes.sequenceNumber === "2" ? unavailable : undefined;
    });
    const outcome = await publishRecords(messages, topic);
    expect(sequenceNumbers(topic.stored)).to.deep.equal(["1"]);
    expect(sequenceNumbers(outcome.unpublished)).to.deep.equal(["2", "3", "4", "5"]);
    expect(offered).to.deep.equal(["1", "2"]);
  });

  it("fails a message that is too large for Pub/Sub, after what comes before it in its key", async () => {
    const tooLarge = "x".repeat(MAX_MESSAGE_BYTES / 2);
    const messages = [
      toMessage(putRecord("a", "1")),
      toMessage(putRecord("a", "2", tooLarge)),
      toMessage(putRecord("a", "3")),
      toMessage(putRecord("b", "4")),
    ];
    const topic = faultTopic(() => undefined);
    const outcome = await publishRecords(messages, topic);
    expect(sequenceNumbers(topic.stored).toSorted()).to.deep.equal(["1", "4"]);
    expect(sequenceNumbers(outcome.unpublished)).to.deep.equal(["2", "3"]);
    expect(outcome.errors).to.have.length(1);
    expect(outcome.errors[0]).to.have.property("code", "E_STREAM_RECORD_SIZE");
  });

  it("gives up at the deadline, and starts nothing more of what it has given up", async () => {
    const large = "x".repeat(1_500_000);
    const messages = [
      toMessage(putRecord("a", "1")),
      toMessage(putRecord("b", "2", large)),
      toMessage(putRecord("b", "3", large)),
      toMessage(putRecord("b", "4", large)),
    ];
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const offered: string[] = [];
    const topic = {
      publishMessage: async ({ attributes }: RecordMessage) => {
        offered.push(attributes.sequenceNumber);
        if (attributes.sequenceNumber !== "1") await slow;
      },
      resumePublishing: () => undefined,
    };
    const outcome = await publishRecords(messages, topic, 20);
    expect(outcome.timedOut).to.equal(true);
    expect(sequenceNumbers(outcome.unpublished)).to.deep.equal(["2", "3", "4"]);
    release();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(offered).to.deep.equal(["1", "2"]);
  });

  it("takes an exception of the client for a failure", async () => {
    const topic = {
      publishMessage: () => {
        throw new TypeError("no message");
      },
      resumePublishing: () => undefined,
    };
    const outcome = await publishRecords(messagesOf(["a"]), topic);
    expect(sequenceNumbers(outcome.unpublished)).to.deep.equal(["1"]);
  });
});
