import { expect } from "chai";
import { closeAllConnections, openSpanner, type SpannerConnection } from "../../spanner/connection";
import { grpcStatus } from "../../spanner/error-class";
import { closeTransactions, runTransaction } from "../../spanner/read-write-transaction";
import { commitMutations, spannerStore } from "../../spanner/spanner-store";
import type { StoreMutation } from "../../spanner/versioned-store";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { withSpannerHost } from "./emulator-host";
import { thrown } from "./thrown";
import { tutorialColumns, tutorialDdl, tutorialRow } from "./written-rows";

const write = (row: number): StoreMutation => ({
  kind: "write",
  table: "Migration",
  columns: tutorialColumns,
  values: tutorialRow(row),
});

describe("a read-write transaction", () => {
  let proxy: GrpcProxy;
  let connection: SpannerConnection;
  beforeEach(async () => {
    const database = await createTestDatabase([tutorialDdl]);
    proxy = await startGrpcProxy((await spannerEmulator.running()).address);
    connection = await withSpannerHost(proxy.address, () => openSpanner(database));
  });
  afterEach(async () => {
    await closeTransactions(connection);
    await closeAllConnections();
    await proxy.stop();
  });

  it("fails with a server that hangs after the time of one request: no rollback is waited for", async () => {
    const commit = proxy.hold("Commit", "request");
    const rollback = proxy.hold("Rollback", "request");
    const started = performance.now();
    const failing = spannerStore({ ...connection, requestMilliseconds: 500 }).transact(async (reader) => {
      await reader.readRows("Migration", ["Username"], [["nobody"]]);
      return { mutations: [write(1)], result: undefined };
    });
    expect(await thrown(failing)).to.include({ code: grpcStatus.DEADLINE_EXCEEDED });
    expect(performance.now() - started).to.be.below(9000);
    await rollback.reached();
    commit.drop();
    rollback.drop();
  });

  it("that fails otherwise is rolled back before its session is used again", async () => {
    let rollbacks = 0;
    proxy.watch("Rollback", () => rollbacks++);
    const wrong = new Error("the caller's own");
    const failing = runTransaction(connection, async (transaction) => {
      await transaction.id();
      throw wrong;
    });
    expect(await thrown(failing)).to.equal(wrong);
    expect(rollbacks).to.equal(1);
    await runTransaction(connection, (transaction) => commitMutations(connection, transaction, [write(1)]));
  });

  it("begins with another read where its first one has failed", async () => {
    const rows = await runTransaction(connection, async (transaction) => {
      const read = (table: string) =>
        transaction.read({ table, columns: ["Username"], keySet: { keys: [{ values: [{ stringValue: "a" }] }] } });
      expect(await thrown(read("Nowhere"))).to.include({ code: grpcStatus.NOT_FOUND });
      const found = await read("Migration");
      await commitMutations(connection, transaction, [write(1)]);
      return found;
    });
    expect(rows).to.deep.equal([]);
  });
});

describe("the time of one request", () => {
  afterEach(closeAllConnections);

  for (const [timeoutMilliseconds, expected] of [
    [3000, 10_000],
    [25_000, 25_000],
    [600_000, 60_000],
  ] as const) {
    it(`is ${expected / 1000} s where the user gives Spanner ${timeoutMilliseconds / 1000} s`, async () => {
      const { requestMilliseconds } = await openSpanner(await createTestDatabase([]), { timeoutMilliseconds });
      expect(requestMilliseconds).to.equal(expected);
    });
  }
});
