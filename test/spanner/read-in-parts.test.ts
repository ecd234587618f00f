import { protos } from "@google-cloud/spanner";
import { expect } from "chai";
import type { RowKey } from "../../schema/row-change";
import { KEYS_PER_READ, readInParts } from "../../spanner/read-in-parts";
import type { ReadWriteTransaction } from "../../spanner/read-write-transaction";
import { readerOf } from "../../spanner/spanner-store";
import { fromProtobufList, toProtobufList } from "../../spanner/wire-protobuf";
import { thrown } from "./thrown";

const keys = Array.from({ length: 2 * KEYS_PER_READ + 1 }, (_, index): RowKey => ["parent", String(index)]);

describe("reading many keys", () => {
  it("takes them in parts", async () => {
    const parts: number[] = [];
    const rows = await readInParts(keys, async (part) => {
      parts.push(part.length);
      return part;
    });
    expect(rows).to.deep.equal(keys);
    expect(parts).to.deep.equal([KEYS_PER_READ, KEYS_PER_READ, 1]);
    expect(await readInParts([], async () => expect.fail("nothing to read"))).to.deep.equal([]);
  });

  it("asks for each half where the answer is too large, down to a single row", async () => {
    const read = async (part: readonly RowKey[]) => {
      if (part.length > 1) throw new Error("RESOURCE_EXHAUSTED: Received message larger than max");
      return part;
    };
    expect(await readInParts(keys, read)).to.deep.equal(keys);
    const other = new Error("no such table");
    expect(await thrown(readInParts(keys, async () => Promise.reject(other)))).to.equal(other);
  });
});

describe("reading within a transaction", () => {
  let requests: Parameters<ReadWriteTransaction["read"]>[0][];
  let keysRead: number[];
  /** Answers as Spanner does, with the rows of {@link keys}. */
  const transaction: Pick<ReadWriteTransaction, "read" | "readKeys"> = {
    async readKeys({ keySet }) {
      const found = protos.google.spanner.v1.KeySet.decode(keySet).keys;
      keysRead.push(found.length);
      return found;
    },
    async read(request) {
      requests.push(request);
      const { startOpen } = request.keySet?.ranges?.[0] ?? {};
      const from = startOpen === undefined || startOpen === null ? 0 : Number(fromProtobufList(startOpen)[1]) + 1;
      return keys.slice(from, from + Number(request.limit)).map(toProtobufList);
    },
  };
  const reader = readerOf(transaction as ReadWriteTransaction);
  beforeEach(() => {
    requests = [];
    keysRead = [];
  });

  it("takes keys in parts", async () => {
    expect(await reader.readRows("T", ["A", "B"], keys)).to.deep.equal(keys);
    expect(keysRead).to.deep.equal([KEYS_PER_READ, KEYS_PER_READ, 1]);
  });

  it("takes what lies beneath a row in parts, up to its limit", async () => {
    const beneath = (limit: number) => reader.readBeneath("T", ["A", "B"], ["parent"], limit);
    expect(await beneath(5000)).to.deep.equal(keys);
    expect(requests.map(({ limit }) => limit)).to.deep.equal([KEYS_PER_READ, KEYS_PER_READ, KEYS_PER_READ]);
    requests = [];
    expect(await beneath(KEYS_PER_READ + 1)).to.deep.equal(keys.slice(0, KEYS_PER_READ + 1));
    expect(requests.map(({ limit }) => limit)).to.deep.equal([KEYS_PER_READ, 1]);
  });
});
