import type { BatchWriteItemCommand, BatchWriteItemCommandOutput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import type { MigrationError } from "../../errors/migration-error";
import type { Item } from "../../schema/attribute-value";
import { writeTable } from "../../scripts/fake-data/write-table";

/**
 * A table that takes only some of each batch, as `takes` decides, and throttles the whole where it takes none.
 * @param patience so many refusals of one batch, at most; the next time one of its items is taken
 */
function stubTable(takes: (items: number, call: number) => number, patience = Number.POSITIVE_INFINITY) {
  const stored = new Map<string, number>();
  const refusals = new Map<string, number>();
  let calls = 0;
  const client = {
    async send(command: BatchWriteItemCommand): Promise<Partial<BatchWriteItemCommandOutput>> {
      const requests = command.input.RequestItems?.["T"] ?? [];
      expect(requests).to.have.length.within(1, 25);
      calls += 1;
      const first = requests[0]?.PutRequest?.Item?.["K"]?.S ?? "";
      const refused = refusals.get(first) ?? 0;
      const taken = Math.max(takes(requests.length, calls), refused < patience ? 0 : 1);
      if (taken === 0) refusals.set(first, refused + 1);
      if (taken === 0) throw Object.assign(new Error("slow down"), { name: "ThrottlingException" });
      for (const { PutRequest } of requests.slice(0, taken)) {
        const key = PutRequest?.Item?.["K"]?.S ?? "";
        stored.set(key, (stored.get(key) ?? 0) + 1);
      }
      const left = requests.slice(taken);
      return left.length === 0 ? {} : { UnprocessedItems: { T: left } };
    },
  } as unknown as DynamoDBClient;
  return { client, stored };
}

function pages(lengths: readonly number[]): Item[][] {
  return lengths.map((length, page) => Array.from({ length }, (_, item) => ({ K: { S: `${page}/${item}` } })));
}

describe("writing into a table", () => {
  it("writes every item once, whatever DynamoDB leaves unprocessed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(80), { maxLength: 6 }),
        fc.array(fc.nat(25), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (lengths, shares, batchesInFlight) => {
          const share = (items: number, call: number) => Math.min(items, shares[call % shares.length] ?? 0);
          // Without patience, shares that alternate with the batches could leave one of them nothing for ever.
          const { client, stored } = stubTable(share, 10);
          const written = await writeTable(client, "T", pages(lengths), { batchesInFlight, wait: async () => {} });
          const total = lengths.reduce((sum, length) => sum + length, 0);
          expect(written).to.equal(total);
          expect(stored.size).to.equal(total);
          expect([...stored.values()].every((times) => times === 1)).to.equal(true);
        },
      ),
      // Found by an earlier run: two batches at once, of which one always met the call that takes nothing.
      { examples: [[[20, 1], [0, 1], 2]] },
    );
  });

  it("waits longer and longer, then gives up with the reason", async () => {
    const { client } = stubTable(() => 0);
    const pauses: number[] = [];
    const error = await writeTable(client, "T", pages([3]), {
      batchesInFlight: 1,
      wait: async (milliseconds) => pauses.push(milliseconds),
    }).then(
      () => expect.fail("it wrote"),
      (thrown: MigrationError) => thrown,
    );
    expect(error.code).to.equal("E_TABLE_THROTTLED");
    expect(pauses.length).to.be.greaterThan(10);
    expect(Math.max(...pauses)).to.be.at.most(20_000);
    expect(pauses.at(-1)).to.be.greaterThan((pauses[0] ?? 0) * 10);
  });

  it("does not try again what can't succeed", async () => {
    let calls = 0;
    const client = {
      send: async () => {
        calls += 1;
        throw Object.assign(new Error("no such table"), { name: "ResourceNotFoundException" });
      },
    } as unknown as DynamoDBClient;
    await writeTable(client, "T", pages([1]), { batchesInFlight: 1 }).then(
      () => expect.fail("it wrote"),
      (error: Error) => expect(error.name).to.equal("ResourceNotFoundException"),
    );
    expect(calls).to.equal(1);
  });
});
