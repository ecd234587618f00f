import { assert, expect } from "chai";
import { lambdaRecords } from "../../../scripts/streams/lambda-records";
import { streamArn } from "../../lambda/stream-records";

/** An answer of GetRecords as DynamoDB Streams sends it. */
const answer = `{"NextShardIterator":"i","Records":[{"awsRegion":"eu-west-1","eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb",
  "eventVersion":"1.1","userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"},
  "dynamodb":{"ApproximateCreationDateTime":1795564380.000,"Keys":{"k":{"B":"AP8="}},
  "OldImage":{"__proto__":{"S":"top"},"k":{"B":"AP8="},"m":{"M":{"__proto__":{"BS":["aGk="]},"constructor":{"N":"1"}}},"e":{"B":""}},
  "SequenceNumber":"1","SizeBytes":64,"StreamViewType":"NEW_AND_OLD_IMAGES"}}]}`;

describe("lambdaRecords", () => {
  it("gives the records the shape of Lambda's events, with every attribute name", () => {
    const records = lambdaRecords(Buffer.from(answer), streamArn);
    expect(JSON.parse(JSON.stringify(records))).to.deep.equal([
      {
        awsRegion: "eu-west-1",
        eventID: "1",
        eventName: "REMOVE",
        eventSource: "aws:dynamodb",
        eventVersion: "1.1",
        userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
        eventSourceARN: streamArn,
        dynamodb: JSON.parse(answer).Records[0].dynamodb,
      },
    ]);
    expect(JSON.stringify(records)).to.include('"__proto__":{"S":"top"}').and.include('{"__proto__":{"BS":["aGk="]}');
    expect(records[0]?.dynamodb?.ApproximateCreationDateTime).to.equal(1_795_564_380);
  });

  it("leaves userIdentity out where there is none", () => {
    const [record] = lambdaRecords(Buffer.from('{"Records":[{"eventID":"1"}]}'), streamArn);
    expect(record).to.deep.equal({ eventID: "1", eventSourceARN: streamArn });
  });

  it("takes an empty page", () => {
    expect(lambdaRecords(Buffer.from('{"Records":[]}'), streamArn)).to.deep.equal([]);
  });

  it("refuses an answer that is no JSON in UTF-8, without quoting it", () => {
    for (const bytes of [
      Buffer.from('{"Records":[{"secret'),
      Buffer.concat([Buffer.from('{"Records":[{"eventID":"secret'), Buffer.from([0xff]), Buffer.from('"}]}')]),
    ]) {
      try {
        lambdaRecords(bytes, streamArn);
        assert.fail("it should have been refused");
      } catch (error) {
        expect(error).to.have.property("code", "E_STREAM_READ");
        expect(`${(error as Error).stack}`).not.to.include("secret");
      }
    }
  });
});
