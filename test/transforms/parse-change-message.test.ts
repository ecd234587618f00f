import { expect } from "chai";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import type { ChangeMessage } from "../../transforms/change-message";
import { originalBytes } from "../../transforms/dead-letter";
import { compileMessageParser } from "../../transforms/parse-change-message";

const mapping = {
  source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
  otherItems: "ignore",
  tables: [
    {
      name: "Customers",
      primaryKey: ["CustomerId"],
      when: { attribute: "SK", equals: "PROFILE" },
      columns: {
        CustomerId: { type: "STRING(64)", from: "PK", match: "^CUSTOMER#(.+)$" },
        Name: { type: "STRING(MAX)" },
        Balance: { type: "NUMERIC" },
      },
    },
    {
      name: "Orders",
      interleaveIn: "Customers",
      primaryKey: ["CustomerId", "OrderId"],
      when: { attribute: "SK", beginsWith: "ORDER#" },
      columns: {
        CustomerId: { type: "STRING(64)", from: "PK", match: "^CUSTOMER#(.+)$" },
        OrderId: { type: "STRING(64)", from: "SK", match: "^ORDER#(.+)$" },
        Total: { type: "INT64" },
      },
    },
  ],
};
const plan = planMigration(parseMapping(JSON.stringify(mapping), "mapping.json"));

const message = (data: unknown, rest: Partial<ChangeMessage> = {}): ChangeMessage => ({
  messageId: "17",
  publishTime: "2026-01-01T00:00:00Z",
  data: (Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data))).toString("base64"),
  attributes: {},
  waitingSince: null,
  ...rest,
});
const record = (eventName: string, keys: object, image?: object, rest: object = {}) => ({
  eventName,
  eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/Shop/stream/2020-07-16T21:40:16.972",
  dynamodb: { Keys: keys, SequenceNumber: "77", ...(image === undefined ? {} : { NewImage: image }) },
  ...rest,
});
const profile = { PK: { S: "CUSTOMER#7" }, SK: { S: "PROFILE" } };
const order = { PK: { S: "CUSTOMER#7" }, SK: { S: "ORDER#1" } };

const parse = compileMessageParser(plan, { dialect: "googlesql", expiredItems: "delete", shards: 64 });

function letterOf(parsed: ReturnType<typeof parse>) {
  if (parsed.kind !== "deadLetter") throw new Error(`it became a ${parsed.kind}`);
  return parsed.deadLetter;
}

describe("reading a message", () => {
  it("makes a row of a put, with NULL for what the item lacks", () => {
    const parsed = parse(message(record("INSERT", profile, { ...profile, Name: { S: "Ann" } })));
    expect(parsed).to.have.nested.property("change.row").that.deep.equals(["7", "Ann", null]);
    expect(parsed).to.have.nested.property("change.sequenceNumber", "77".padStart(40, "0"));
    expect(parsed).to.deep.include({ kind: "change" });
  });

  it("finds the row of a delete from its keys alone", () => {
    const parsed = parse(message(record("REMOVE", order)));
    expect(parsed).to.have.nested.property("change.table", 1);
    expect(parsed).to.have.nested.property("change.key").that.deep.equals(["7", "1"]);
    expect(parsed).to.have.nested.property("change.row", null);
  });

  it("puts parents and children into one shard, and spreads parents", () => {
    const shardOf = (keys: object) => {
      const parsed = parse(message(record("REMOVE", keys)));
      return parsed.kind === "change" ? parsed.change.shard : undefined;
    };
    expect(shardOf(order)).to.equal(shardOf(profile));
    const shards = Array.from({ length: 100 }, (_, index) => shardOf({ PK: { S: `CUSTOMER#${index}` }, SK: order.SK }));
    expect(new Set(shards).size).to.be.greaterThan(30);
  });

  it("leaves out items that the mapping ignores", () => {
    const other = { PK: { S: "CUSTOMER#7" }, SK: { S: "NOTE#1" } };
    expect(parse(message(record("INSERT", other, other)))).to.deep.equal({ kind: "filtered" });
    expect(parse(message(record("REMOVE", other)))).to.deep.equal({ kind: "filtered" });
  });

  it("leaves out deletes by Time to Live only if told to", () => {
    const expired = record("REMOVE", profile, undefined, {
      userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
    });
    expect(parse(message(expired)).kind).to.equal("change");
    const ignoring = compileMessageParser(plan, { dialect: "googlesql", expiredItems: "ignore", shards: 64 });
    expect(ignoring(message(expired))).to.deep.equal({ kind: "expired" });
    expect(ignoring(message(record("REMOVE", profile))).kind).to.equal("change");
  });

  it("makes a dead letter of another table's message, by the record or the publisher's attribute", () => {
    const other = record("REMOVE", profile, undefined, { eventSourceARN: "arn:aws:dynamodb:r:1:table/Other/stream/x" });
    expect(letterOf(parse(message(other)))).to.include({ code: "E_CHANGE_OTHER_TABLE" });
    const bare = { ...record("REMOVE", profile).dynamodb, StreamViewType: "NEW_IMAGE" };
    expect(parse(message(bare)).kind).to.equal("change");
    expect(parse(message(bare, { attributes: { table: "Shop" } })).kind).to.equal("change");
    const letter = letterOf(parse(message(bare, { attributes: { table: "Other" } })));
    expect(letter.code).to.equal("E_CHANGE_OTHER_TABLE");
    expect(letter.message).to.contain("Other").and.contain("Shop");
  });

  it("makes a dead letter of keys that are not the source's", () => {
    for (const keys of [{ PK: profile.PK }, { PK: profile.PK, Other: { S: "x" } }]) {
      expect(letterOf(parse(message(record("REMOVE", keys)))).code).to.equal("E_CHANGE_KEYS");
    }
  });

  it("keeps the message's data byte for byte, and names message and sequence number", () => {
    const broken = Buffer.from([0x7b, 0xff, 0xfe]);
    const letter = letterOf(parse(message(broken)));
    expect(letter.code).to.equal("E_CHANGE_NOT_JSON");
    expect(originalBytes(letter).equals(broken)).to.equal(true);
    const refused = letterOf(parse(message(record("INSERT", profile, { ...profile, Balance: { S: "secret" } }))));
    expect(refused.source).to.deep.equal({
      messageId: "17",
      publishTime: "2026-01-01T00:00:00Z",
      sequenceNumber: "77",
    });
    expect(refused).to.include({ table: "Customers", column: "Balance" });
    expect(refused.message).not.to.contain("secret");
  });

  it("survives whatever a message holds", () => {
    for (const data of [
      "",
      "null",
      "[]",
      "[".repeat(200_000),
      `${'{"M":'.repeat(50_000)}1${"}".repeat(50_000)}`,
      "\ufeff{}",
    ]) {
      expect(parse(message(Buffer.from(data))).kind).to.equal("deadLetter");
    }
    const deep = `{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"PK":{"S":"a"}},"NewImage":{"a":${'{"L":['.repeat(100_000)}${"]}".repeat(100_000)}}}}`;
    expect(parse(message(Buffer.from(deep))).kind).to.equal("deadLetter");
  });
});
