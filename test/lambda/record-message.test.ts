import type { DynamoDBRecord } from "aws-lambda";
import { assert, expect } from "chai";
import fc from "fast-check";
import type { MigrationError } from "../../errors/migration-error";
import { orderingKey } from "../../lambda/src/ordering-key";
import { toMessage } from "../../lambda/src/record-message";
import { putRecord } from "./stream-records";

type Fields = Record<string, unknown>;

function refusal(record: unknown): MigrationError {
  try {
    toMessage(record as DynamoDBRecord);
  } catch (error) {
    return error as MigrationError;
  }
  return assert.fail("the record should have been refused");
}

function changed(change: Fields, changeOfDynamodb: Fields = {}): unknown {
  const record = putRecord("customer-key", "7", "customer-secret");
  return { ...record, dynamodb: { ...record.dynamodb, ...changeOfDynamodb }, ...change };
}

describe("toMessage", () => {
  it("keeps the whole record, as it came", () => {
    const text = `{"eventID":"1","eventName":"REMOVE","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"eu-west-1",
      "eventSourceARN":"arn:aws-cn:dynamodb:cn-north-1:1:table/A.b-c_d/stream/2026-01-01T00:00:00.000",
      "userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},"unknownField":[1],
      "dynamodb":{"ApproximateCreationDateTime":1767225600.5,"SequenceNumber":"0123456789012345678901234567890123456789",
      "Keys":{"__proto__":{"B":"AP8="},"":{"N":"-1E-130"}},
      "OldImage":{"__proto__":{"S":"own"},"":{"N":"12345678901234567890123456789012345678"},"nested":{"M":{"__proto__":{"NULL":true},"emoji 😀":{"L":[]}}}},
      "SizeBytes":9007199254740991,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`;
    const message = toMessage(JSON.parse(text));
    expect(message.data.toString()).to.equal(JSON.stringify(JSON.parse(text)));
    expect(message.data.toString()).to.include('"__proto__":{"S":"own"}').and.to.include('{"__proto__":{"NULL":true}');
    expect(message.attributes).to.deep.equal({
      table: "A.b-c_d",
      eventName: "REMOVE",
      sequenceNumber: "0123456789012345678901234567890123456789",
    });
  });

  it("refuses streams without new images, also when only the missing image tells", () => {
    for (const record of [
      changed({}, { StreamViewType: "KEYS_ONLY", NewImage: undefined, OldImage: undefined }),
      changed({ eventName: "REMOVE" }, { StreamViewType: "KEYS_ONLY", NewImage: undefined }),
      changed({}, { StreamViewType: "OLD_IMAGE", NewImage: undefined }),
      changed({ eventName: "REMOVE" }, { StreamViewType: "OLD_IMAGE", NewImage: undefined }),
      changed({ eventName: "INSERT" }, { StreamViewType: undefined, NewImage: undefined }),
      changed({ eventName: "MODIFY" }, { NewImage: undefined }),
    ]) {
      const error = refusal(record);
      expect(error.code).to.equal("E_STREAM_VIEW");
      expect(error.message).to.include("Orders");
    }
  });

  it("takes deletes, which never have a new image, and streams with new images only", () => {
    toMessage(changed({ eventName: "REMOVE" }, { NewImage: undefined }) as DynamoDBRecord);
    toMessage(changed({}, { StreamViewType: "NEW_IMAGE", OldImage: undefined }) as DynamoDBRecord);
  });

  it("refuses what is no record of a DynamoDB stream, without quoting it", () => {
    for (const record of [
      changed({ eventSource: "aws:kinesis" }),
      changed({ eventSourceARN: undefined }),
      changed({ eventSourceARN: "arn:aws:kinesis:eu-west-1:1:stream/Orders" }),
      changed({ eventName: "customer-secret" }),
      changed({ eventName: undefined }),
      changed({ dynamodb: undefined }),
      changed({}, { SequenceNumber: undefined }),
      changed({}, { SequenceNumber: 7 }),
      changed({}, { SequenceNumber: "customer-secret" }),
      changed({}, { Keys: undefined }),
      changed({}, { Keys: {} }),
      changed({}, { Keys: { a: { S: "customer-secret" }, b: { S: "b" }, c: { S: "c" } } }),
      changed({}, { Keys: { a: { M: {} } } }),
      changed({}, { Keys: { a: { S: "customer-secret", N: "1" } } }),
      changed({}, { Keys: { a: null } }),
    ]) {
      const error = refusal(record);
      expect(error.code).to.equal("E_STREAM_RECORD");
      expect(error.message).not.to.match(/customer/);
    }
  });
});

describe("orderingKey", () => {
  const keyValue = fc.oneof(
    fc.record({ S: fc.string() }),
    fc.record({ N: fc.integer().map(String) }),
    fc.record({ B: fc.base64String() }),
  );
  const keys = fc.dictionary(fc.string(), keyValue, { minKeys: 1, maxKeys: 2 });
  const canonical = (table: string, value: object) =>
    JSON.stringify([
      table,
      Object.entries(value)
        .map((entry) => JSON.stringify(entry))
        .sort(),
    ]);

  it("is the same for one item and different for different items or tables", () =>
    fc.assert(
      fc.property(fc.constantFrom("T", "U"), keys, fc.constantFrom("T", "U"), keys, (table, left, other, right) => {
        const same = canonical(table, left) === canonical(other, right);
        expect(orderingKey(table, left) === orderingKey(other, right)).to.equal(same);
        const reversed = Object.fromEntries(Object.entries(left).reverse());
        expect(orderingKey(table, reversed)).to.equal(orderingKey(table, left));
      }),
    ));

  it("tells types and attributes apart", () => {
    const different = [{ a: { S: "1" } }, { a: { N: "1" } }, { b: { S: "1" } }, { a: { S: "" }, b: { S: "1" } }];
    expect(new Set(different.map((value) => orderingKey("T", value))).size).to.equal(different.length);
  });

  it("is a hash of 43 characters, whatever the key's length", () => {
    expect(orderingKey("T", { a: { S: "secret".repeat(300) } })).to.match(/^[A-Za-z0-9_-]{43}$/);
  });

  it("does not change between releases, for two versions of the function may run side by side", () => {
    expect(orderingKey("Orders", { SK: { N: "1" }, PK: { S: "CUSTOMER#1" } })).to.equal(
      "WIoaSzIj1lYdd0f3YRynBmN0JEyyWtWkxKczzRBY3vk",
    );
  });
});
