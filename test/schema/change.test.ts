import { expect } from "chai";
import fc from "fast-check";
import { MigrationError } from "../../errors/migration-error";
import { parseChange } from "../../schema/change";

const SEQUENCE = "400000000008367680596";
const keys = { PK: { S: "a" }, SK: { N: "1" } };
const image = { ...keys, Name: { S: "secret-value" } };

const envelope = (eventName: string, dynamodb: object, rest: object = {}) => ({
  eventID: "aadf063d99e89af53c4212e558d681b3",
  eventName,
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "eu-west-1",
  eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders.v-1/stream/2020-07-16T21:40:16.972",
  dynamodb: { Keys: keys, SequenceNumber: SEQUENCE, SizeBytes: 6, StreamViewType: "NEW_AND_OLD_IMAGES", ...dynamodb },
  ...rest,
});
const bare = (dynamodb: object) => ({ Keys: keys, SequenceNumber: SEQUENCE, ...dynamodb });

function codeOf(record: unknown): string {
  try {
    parseChange(record);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    expect(error.message).not.to.contain("secret-value");
    return error.code;
  }
  return "none";
}

describe("parseChange", () => {
  it("reads a put with its table, keys, image and sequence number", () => {
    expect(parseChange(envelope("INSERT", { NewImage: image }))).to.deep.equal({
      kind: "put",
      keys,
      image,
      sequenceNumber: 400000000008367680596n,
      table: "Orders.v-1",
    });
    expect(parseChange(envelope("MODIFY", { NewImage: image, OldImage: image })).kind).to.equal("put");
  });

  it("reads a delete", () => {
    const change = parseChange(envelope("REMOVE", { OldImage: image }));
    expect(change).to.include({ kind: "delete", expired: false });
    expect(parseChange(envelope("REMOVE", { NewImage: null })).kind).to.equal("delete");
    expect(parseChange(envelope("REMOVE", { NewImage: {} })).kind).to.equal("delete");
  });

  it("never takes a put without its image for a delete", () => {
    for (const eventName of ["INSERT", "MODIFY"]) {
      for (const StreamViewType of ["KEYS_ONLY", "OLD_IMAGE", "NEW_IMAGE", "NEW_AND_OLD_IMAGES"]) {
        for (const images of [{}, { OldImage: image }, { NewImage: null }, { NewImage: {} }]) {
          expect(codeOf(envelope(eventName, { StreamViewType, ...images }))).to.equal("E_CHANGE_NO_NEW_IMAGE");
        }
      }
    }
  });

  it("refuses a REMOVE that holds a new image, and unknown events", () => {
    expect(codeOf(envelope("REMOVE", { NewImage: image }))).to.equal("E_CHANGE_CONTRADICTION");
    expect(codeOf(envelope("DELETE", {}))).to.equal("E_CHANGE_EVENT_NAME");
    expect(codeOf(envelope("", {}))).to.equal("E_CHANGE_EVENT_NAME");
  });

  it("reads the bare dynamodb object by its images", () => {
    expect(parseChange(bare({ NewImage: image, StreamViewType: "NEW_AND_OLD_IMAGES" })).kind).to.equal("put");
    expect(parseChange(bare({ NewImage: image })).kind).to.equal("put");
    expect(parseChange(bare({ OldImage: image, StreamViewType: "NEW_AND_OLD_IMAGES" })).kind).to.equal("delete");
    expect(parseChange(bare({ StreamViewType: "NEW_IMAGE" })).kind).to.equal("delete");
    expect(parseChange(bare({ NewImage: image }))).not.to.have.property("table");
  });

  it("refuses a bare object that may be a put without its image", () => {
    for (const StreamViewType of ["KEYS_ONLY", "OLD_IMAGE", undefined, "secret-value"]) {
      expect(codeOf(bare({ StreamViewType }))).to.equal("E_CHANGE_AMBIGUOUS");
      expect(codeOf(bare({ StreamViewType, OldImage: image }))).to.equal("E_CHANGE_AMBIGUOUS");
    }
    expect(codeOf(bare({ StreamViewType: "NEW_AND_OLD_IMAGES" }))).to.equal("E_CHANGE_AMBIGUOUS");
  });

  it("knows deletes by Time to Live", () => {
    const service = { type: "Service", principalId: "dynamodb.amazonaws.com" };
    const expired = (userIdentity: unknown) => parseChange(envelope("REMOVE", {}, { userIdentity }));
    expect(expired(service)).to.include({ kind: "delete", expired: true });
    for (const other of [null, {}, { ...service, type: "User" }, { type: "Service", principalId: "x" }, "Service"]) {
      expect(expired(other)).to.include({ kind: "delete", expired: false });
    }
  });

  it("compares sequence numbers as integers of up to 40 digits, and refuses anything else", () => {
    const numbered = (SequenceNumber: unknown) => envelope("REMOVE", { SequenceNumber });
    expect(parseChange(numbered("9".repeat(40))).sequenceNumber).to.equal(10n ** 40n - 1n);
    expect(parseChange(numbered("999")).sequenceNumber < parseChange(numbered("1000")).sequenceNumber).to.equal(true);
    expect(parseChange(numbered("007")).sequenceNumber).to.equal(7n);
    for (const refused of [
      "9".repeat(41),
      "",
      "1.0",
      "-1",
      "+1",
      "1e3",
      " 1",
      "0x1",
      "٣",
      400,
      null,
      undefined,
      "0",
      "secret-value",
    ]) {
      expect(codeOf(numbered(refused)), String(refused)).to.equal("E_CHANGE_SEQUENCE_NUMBER");
    }
  });

  it("takes the approximate time in seconds, fractions, milliseconds, microseconds, or not at all", () => {
    const time = (ApproximateCreationDateTime: unknown) =>
      parseChange(envelope("REMOVE", { ApproximateCreationDateTime })).changedAt;
    expect(time(1594935882)).to.equal("2020-07-16T21:44:42.000Z");
    expect(time(1594935882.25)).to.equal("2020-07-16T21:44:42.250Z");
    expect(time(1594935882250)).to.equal("2020-07-16T21:44:42.250Z");
    expect(time(1594935882250001)).to.equal("2020-07-16T21:44:42.250Z");
    expect(time("2020-07-16T21:44:42Z")).to.equal("2020-07-16T21:44:42.000Z");
    for (const none of [undefined, null, "yesterday", -1, 0, 1e300, {}, true]) expect(time(none)).to.equal(undefined);
  });

  it("refuses keys that are not those of the image, and such as are no keys", () => {
    expect(codeOf(envelope("INSERT", { NewImage: { ...image, PK: { S: "b" } } }))).to.equal("E_CHANGE_KEYS");
    expect(codeOf(envelope("INSERT", { NewImage: { ...image, PK: { B: "YQ==" } } }))).to.equal("E_CHANGE_KEYS");
    expect(codeOf(envelope("INSERT", { NewImage: { PK: keys.PK } }))).to.equal("E_CHANGE_KEYS");
    expect(codeOf(envelope("REMOVE", { Keys: {} }))).to.equal("E_CHANGE_KEYS");
    expect(codeOf(envelope("REMOVE", { Keys: { a: { S: "1" }, b: { S: "1" }, c: { S: "1" } } }))).to.equal(
      "E_CHANGE_KEYS",
    );
    expect(codeOf(envelope("REMOVE", { Keys: { PK: { BOOL: true } } }))).to.equal("E_CHANGE_KEYS");
    expect(codeOf(envelope("REMOVE", { Keys: undefined }))).to.equal("E_CHANGE_FORMAT");
  });

  it("takes key attributes whose names mean something to JavaScript", () => {
    const own = JSON.parse('{"__proto__":{"S":"a"},"constructor":{"S":"b"}}');
    const change = parseChange({ dynamodb: { Keys: own, NewImage: own, SequenceNumber: "5" }, eventName: "INSERT" });
    expect(change.kind === "put" && Object.keys(change.image)).to.deep.equal(["__proto__", "constructor"]);
    expect(
      codeOf({ dynamodb: { Keys: own, NewImage: { x: { S: "a" } }, SequenceNumber: "5" }, eventName: "INSERT" }),
    ).to.equal("E_CHANGE_KEYS");
  });

  it("says what a message of another format is", () => {
    expect(codeOf({ Records: [] })).to.equal("E_CHANGE_FORMAT");
    for (const other of [null, [], "secret-value", 5, {}, { message: "secret-value" }, { dynamodb: 5 }]) {
      expect(codeOf(other)).to.equal("E_CHANGE_FORMAT");
    }
  });

  describe("with global tables of version 2017.11.29", () => {
    const replication = {
      "aws:rep:deleting": { BOOL: false },
      "aws:rep:updatetime": { N: "1534819304.087001" },
      "aws:rep:updateregion": { S: "us-east-1" },
    };

    it("takes no replication attribute for data", () => {
      const change = parseChange(envelope("MODIFY", { NewImage: { ...image, ...replication } }));
      expect(change.kind === "put" && change.image).to.deep.equal(image);
    });

    it("takes the MODIFY that announces a replicated delete for the delete", () => {
      const marked = { ...image, ...replication, "aws:rep:deleting": { BOOL: true } };
      expect(parseChange(envelope("MODIFY", { NewImage: marked })).kind).to.equal("delete");
      expect(parseChange(envelope("INSERT", { NewImage: marked })).kind).to.equal("delete");
      expect(parseChange(bare({ NewImage: marked })).kind).to.equal("delete");
    });
  });

  it("gives a change or a MigrationError for any JSON", () => {
    const field = fc.oneof(
      fc.json().map((text) => JSON.parse(text)),
      fc.constantFrom(keys, image, "1", "INSERT", "REMOVE"),
    );
    const anything = fc.record(
      {
        eventName: field,
        dynamodb: fc.oneof(field, fc.record({ Keys: field, NewImage: field, SequenceNumber: field })),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fc.oneof(anything, field), (record) => void codeOf(record)));
  });
});
