import { expect } from "chai";
import { encodeCommitRequest, type RowMutation, writeTarget } from "../../spanner/commit-request";
import { createCommitSender } from "../../spanner/commit-sender";
import { closeAllConnections, openSpanner, type SpannerConnection } from "../../spanner/connection";
import { grpcStatus } from "../../spanner/error-class";
import { createSessions } from "../../spanner/sessions";
import { withSpannerHost } from "./emulator-host";
import { encodeRows } from "./encoded";
import { type FakeSpanner, type Fault, startFakeSpanner } from "./fake-spanner";
import { thrown } from "./thrown";

const target = { project: "p", instance: "i", database: "d" };
const databaseName = "projects/p/instances/i/databases/d";

const unavailable: Fault = { code: grpcStatus.UNAVAILABLE, details: "gone for a moment" };

function someRows(): RowMutation[] {
  const rows = encodeRows([
    ["a", "1"],
    ["b", null],
  ]);
  return [{ operation: "insertOrUpdate", target: writeTarget("T", ["K", "V"]), rows, from: 0, to: 2 }];
}

const expectedMutations = [
  {
    insertOrUpdate: {
      table: "T",
      columns: ["K", "V"],
      values: [
        { values: [{ stringValue: "a" }, { stringValue: "1" }] },
        { values: [{ stringValue: "b" }, { nullValue: "NULL_VALUE" }] },
      ],
    },
  },
];

describe("commit sender", () => {
  let server: FakeSpanner;
  let connection: SpannerConnection;

  const connect = async (multiplexed: boolean): Promise<void> => {
    server = await startFakeSpanner({ multiplexed });
    connection = await withSpannerHost(server.address, () => openSpanner(target));
  };

  beforeEach(() => connect(false));
  afterEach(async () => {
    await closeAllConnections();
    await server.stop();
  });

  it("sends the mutations with the client's own headers, and counts", async () => {
    const sender = createCommitSender(connection);
    await sender.commit(someRows());
    expect(server.commits).to.have.length(1);
    const [{ request, headers } = { request: {}, headers: {} }] = server.commits;
    expect(request).to.deep.equal({
      session: `${databaseName}/sessions/1`,
      singleUseTransaction: { readWrite: {} },
      mutations: expectedMutations,
    });
    expect(headers).to.include({
      "google-cloud-resource-prefix": databaseName,
      "x-goog-request-params": `session=${encodeURIComponent(`${databaseName}/sessions/1`)}`,
      "x-goog-spanner-route-to-leader": "true",
    });
    expect(headers["x-goog-api-client"]).to.match(/gapic\/.* gl-node\/.* gccl\//);
    expect(headers["user-agent"]).to.match(/grpc-node-js/);
    expect(sender.stats()).to.deep.equal({ commits: 1, retries: 0, aborted: 0 });
  });

  it("sends the same through the client's own objects", async () => {
    const rows = encodeRows(
      [
        ["k", "9223372036854775807", 0.1, 5, true, null, ["x", null], [1, "NaN"], [], "", "NaN"],
        ["__proto__", "", -0, 1e300, false, null, [], [], [null], "é", "Infinity"],
      ],
      2,
    );
    const columns = [..."ABCDEFGHIJK"]; // The client sorts columns by name.
    const mutations: RowMutation[] = [
      {
        operation: "insertOrUpdate",
        target: writeTarget("T", columns),
        rows,
        order: Uint32Array.of(1, 0),
        from: 0,
        to: 2,
      },
      { operation: "delete", target: writeTarget("T", columns), rows, from: 1, to: 2 },
    ];
    await createCommitSender(connection, { api: "bytes" }).commit(mutations);
    await withSpannerHost(server.address, () => createCommitSender(connection, { api: "objects" }).commit(mutations));
    const [bytes, objects] = server.commits.map(({ request }) => request["mutations"]);
    expect(objects).to.deep.equal(bytes);
  });

  it("tries again after UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED, and RST_STREAM", async () => {
    server.faults.commit.push(
      unavailable,
      unavailable,
      { code: grpcStatus.RESOURCE_EXHAUSTED, details: "too many requests" },
      { code: grpcStatus.ABORTED, details: "conflict" },
      { code: grpcStatus.INTERNAL, details: "Received RST_STREAM with code 2" },
    );
    const sender = createCommitSender(connection);
    await sender.commit(someRows());
    expect(server.commits.map(({ request }) => request["mutations"])).to.deep.equal(
      new Array(6).fill(expectedMutations),
    );
    expect(sender.stats()).to.deep.equal({ commits: 1, retries: 5, aborted: 1 });
  });

  it("takes no answer for a commit that does not tell when it was", async () => {
    server.faults.commit.push("not committed", "not committed");
    const sender = createCommitSender(connection);
    await sender.commit(someRows());
    expect(server.commits).to.have.length(3);
    expect(sender.stats()).to.deep.equal({ commits: 1, retries: 2, aborted: 2 });
  });

  it("does not wait for an answer that never comes", async () => {
    server.faults.commit.push("hang", "hang");
    const sender = createCommitSender(connection, { attemptMilliseconds: 100 });
    await sender.commit(someRows());
    expect(sender.stats()).to.include({ commits: 1, retries: 2 });

    server.faults.commit.push(...new Array<Fault>(50).fill("hang"));
    for (const api of ["bytes", "objects"] as const) {
      const impatient = createCommitSender(connection, { api, attemptMilliseconds: 100, retryMilliseconds: 400 });
      const started = Date.now();
      const error = await withSpannerHost(server.address, () => thrown(impatient.commit(someRows())));
      expect(error).to.include({ code: "E_SPANNER_UNREACHABLE" });
      expect(Date.now() - started).to.be.below(4500);
    }
  });

  it("does not wait for a session that never comes", async () => {
    for (const api of ["bytes", "objects"] as const) {
      const other = { ...target, database: api };
      const slow = await withSpannerHost(server.address, () => openSpanner(other, { timeoutMilliseconds: 300 }));
      server.faults.createSession.push(...new Array<Fault>(50).fill("hang"));
      slow.sessions.discard(await slow.sessions.acquire());
      const sender = createCommitSender(slow, { api, attemptMilliseconds: 100, retryMilliseconds: 400 });
      const error = await withSpannerHost(server.address, () => thrown(sender.commit(someRows())));
      expect(error).to.include({ code: "E_SPANNER_UNREACHABLE" });
      server.faults.createSession.length = 0;
    }
  });

  it("stops at once where trying again is of no use", async () => {
    server.faults.commit.push({
      code: grpcStatus.PERMISSION_DENIED,
      details: "Caller is missing spanner.databases.write",
    });
    const error = await thrown(createCommitSender(connection).commit(someRows()));
    expect(error).to.include({ code: "E_SPANNER_PERMISSION" });
    expect((error as Error).message).to.equal(`${databaseName}: Caller is missing spanner.databases.write`);
    expect(server.commits).to.have.length(1);
  });

  it("takes a new session when Spanner has forgotten the one in use", async () => {
    server.faults.commit.push({ code: grpcStatus.NOT_FOUND, details: `Session not found: ${databaseName}/sessions/1` });
    await createCommitSender(connection).commit(someRows());
    expect(server.commits.map(({ request }) => request["session"])).to.deep.equal([
      `${databaseName}/sessions/1`,
      `${databaseName}/sessions/2`,
    ]);
  });

  it("keeps as many sessions as there are commits in flight, uses them again and deletes them", async () => {
    const sender = createCommitSender(connection);
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 4 }, () => sender.commit(someRows())));
    }
    expect(server.sessions.made).to.equal(4);
    await connection.close();
    expect(server.sessions.deleted).to.equal(4);
  });

  it("sends each commit whole while others are in flight", async () => {
    const sender = createCommitSender(connection);
    const mutation = (index: number): RowMutation[] => {
      const rows = encodeRows([[`key-${index}`, "x".repeat(index * 100)]]);
      return [{ operation: "insertOrUpdate", target: writeTarget("T", ["K", "V"]), rows, from: 0, to: 1 }];
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => sender.commit(mutation(index))));
    const keys = server.commits.map(({ request }) => JSON.stringify(request["mutations"]).match(/key-\d+/)?.[0]);
    expect(new Set(keys).size).to.equal(50);
  });

  it("leaves object requests of the same client alone", async () => {
    const session = await connection.sessions.acquire();
    await connection.client.commit({ session, mutations: [], singleUseTransaction: { readWrite: {} } });
    await connection.sendCommit(session, encodeCommitRequest(session, { kind: "singleUse" }, []), 1000);
    expect(server.commits.map(({ request }) => request)).to.deep.equal(
      new Array(2).fill({ session, singleUseTransaction: { readWrite: {} } }),
    );
  });
});

describe("sessions", () => {
  it("are one for all where the server has multiplexed ones, and it is not deleted", async () => {
    const server = await startFakeSpanner({ multiplexed: true });
    const { client } = await withSpannerHost(server.address, () => openSpanner(target));
    const options = { client, database: databaseName, multiplexed: true, timeoutMilliseconds: 1000 };
    const made = server.sessions.made;
    const sessions = createSessions(options);
    const [first, second] = await Promise.all([sessions.acquire(), sessions.acquire()]);
    expect(first).to.equal(second);
    sessions.discard(first);
    expect(await sessions.acquire()).not.to.equal(first);
    expect(server.sessions.made - made).to.equal(2);
    await sessions.close();
    expect(server.sessions.deleted).to.equal(0);
    await closeAllConnections();
    await server.stop();
  });

  it("are ordinary ones where it has not", async () => {
    const server = await startFakeSpanner();
    const { client } = await withSpannerHost(server.address, () => openSpanner(target));
    const sessions = createSessions({ client, database: databaseName, multiplexed: true, timeoutMilliseconds: 1000 });
    const [first, second] = await Promise.all([sessions.acquire(), sessions.acquire()]);
    expect(first).not.to.equal(second);
    sessions.release(first);
    expect(await sessions.acquire()).to.equal(first);
    sessions.release(first);
    sessions.release(second);
    await sessions.close();
    expect(server.sessions.deleted).to.equal(2);
    await closeAllConnections();
    await server.stop();
  });

  it("are asked for again after a failure", async () => {
    const server = await startFakeSpanner({ multiplexed: true });
    const { client } = await withSpannerHost(server.address, () => openSpanner(target));
    server.faults.createSession.push({ code: grpcStatus.INVALID_ARGUMENT, details: "no" });
    const sessions = createSessions({ client, database: databaseName, multiplexed: true, timeoutMilliseconds: 1000 });
    expect(await thrown(sessions.acquire())).to.include({ code: grpcStatus.INVALID_ARGUMENT });
    expect(await sessions.acquire()).to.match(/sessions\/\d+$/);
    await closeAllConnections();
    await server.stop();
  });
});
