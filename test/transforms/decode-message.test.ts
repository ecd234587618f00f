import "apache-beam";
import { google } from "@google-cloud/pubsub/build/protos/protos";
import { expect } from "chai";
import type { ChangeMessage } from "../../transforms/change-message";
import { DecodeMessage, type messageContext } from "../../transforms/decode-message";

type Context = ReturnType<typeof messageContext>;

function decode(message: google.pubsub.v1.IPubsubMessage, milliseconds: bigint): ChangeMessage {
  const decoded: ChangeMessage[] = [];
  const context = { timestamp: { lookup: () => milliseconds } } as unknown as Context;
  const bytes = google.pubsub.v1.PubsubMessage.encode(message).finish();
  new DecodeMessage().process(bytes, context, (each) => {
    decoded.push(each);
    return null;
  });
  return decoded[0] ?? expect.fail("nothing was emitted");
}

describe("messages of Beam's Pub/Sub source", () => {
  it("keep their bytes, attributes and id; the element's timestamp is their publish time", () => {
    const data = Buffer.from([0, 255, 254, 10]);
    const attributes = { table: "Orders", "": "é" };
    expect(decode({ data, attributes, messageId: "17" }, 1_700_000_000_123n)).to.deep.equal({
      messageId: "17",
      publishTime: "2023-11-14T22:13:20.123Z",
      data: data.toString("base64"),
      attributes,
      waitingSince: null,
    });
  });

  it("may be empty", () => {
    expect(decode({}, 0n)).to.include({ messageId: "", data: "" });
  });
});
