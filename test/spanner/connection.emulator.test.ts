import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { checkConnection, closeAllConnections, openSpanner, type SpannerTarget } from "../../spanner/connection";
import { grpcStatus } from "../../spanner/error-class";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { withSpannerHost } from "./emulator-host";
import { startFakeSpanner } from "./fake-spanner";
import { thrown } from "./thrown";

async function timed(
  work: () => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly milliseconds: number }> {
  const started = Date.now();
  return { error: await thrown(work()), milliseconds: Date.now() - started };
}

describe("openSpanner", () => {
  spannerEmulator.use();
  let target: SpannerTarget;

  before(async () => {
    target = await createTestDatabase(["CREATE TABLE T (K INT64) PRIMARY KEY (K)"]);
  });
  afterEach(closeAllConnections);

  it("opens a database once for all callers, until it is closed", async () => {
    const [first, second] = await Promise.all([openSpanner(target), openSpanner({ ...target })]);
    expect(first).to.equal(second);
    const { project, instance, database } = target;
    expect(first.databaseName).to.equal(`projects/${project}/instances/${instance}/databases/${database}`);
    expect(first.emulator).to.equal(true);
    await first.close();
    await first.close();
    const third = await openSpanner(target);
    expect(third).not.to.equal(first);
    const [rows] = await third.database().run({ sql: "SELECT 1 AS One", json: true });
    expect(rows).to.deep.equal([{ One: 1 }]);
    await checkConnection(target);
  });

  it("says which of instance and database is missing, soon, and leaves nothing behind", async () => {
    const noInstance = await timed(() => openSpanner({ ...target, instance: "no-such-instance" }));
    expect(noInstance.error).to.include({ code: "E_SPANNER_INSTANCE_NOT_FOUND" });
    expect((noInstance.error as Error).message).to.contain("instances/no-such-instance");
    const noDatabase = await timed(() => openSpanner({ ...target, database: "no-such-database" }));
    expect(noDatabase.error).to.include({ code: "E_SPANNER_DATABASE_NOT_FOUND" });
    expect(Math.max(noInstance.milliseconds, noDatabase.milliseconds)).to.be.below(15_000);
    expect(await thrown(openSpanner({ ...target, database: "no-such-database" }))).to.include({
      code: "E_SPANNER_DATABASE_NOT_FOUND",
    });
  });

  it("gives up on a server that is not there, or that takes connections and never answers", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const closedPort = (closed.address() as AddressInfo).port;
    closed.close();
    try {
      for (const port of [closedPort, (silent.address() as AddressInfo).port]) {
        const { error, milliseconds } = await timed(() =>
          withSpannerHost(`127.0.0.1:${port}`, () => openSpanner(target, { timeoutMilliseconds: 1500 })),
        );
        expect(error).to.include({ code: "E_SPANNER_UNREACHABLE" });
        expect((error as Error).message).to.contain(target.database);
        expect(milliseconds).to.be.below(15_000);
      }
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });

  it("waits for a server that comes up in time, and stops at what no waiting mends", async () => {
    const server = await startFakeSpanner();
    server.faults.createSession.push({ code: grpcStatus.UNAVAILABLE, details: "starting" });
    await withSpannerHost(server.address, () => openSpanner(target));
    const other = { ...target, database: "other" };
    for (const [code, expected] of [
      [grpcStatus.PERMISSION_DENIED, "E_SPANNER_PERMISSION"],
      [grpcStatus.UNAUTHENTICATED, "E_SPANNER_CREDENTIALS"],
    ] as const) {
      server.faults.createSession.push({ code, details: "the reason" });
      const { error, milliseconds } = await timed(() => withSpannerHost(server.address, () => openSpanner(other)));
      expect(error).to.include({ code: expected });
      expect((error as Error).message).to.match(/the reason/);
      expect(milliseconds).to.be.below(15_000);
    }
    await closeAllConnections();
    await server.stop();
  });

  describe("in a process of its own", () => {
    let running: ChildProcess | undefined;
    afterEach(() => {
      running?.kill("SIGKILL");
    });

    const run = (action: string) => {
      const child = spawn(process.execPath, [join(__dirname, "signals-child.js"), JSON.stringify(target), action], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      running = child;
      const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
      return { child, ended, line: once(createInterface(child.stdout), "line") };
    };

    it("lets the process end once it is closed", async () => {
      const { ended, line } = run("end");
      expect(await line).to.deep.equal(["closed"]);
      expect(await ended).to.deep.equal([0, null]);
    });

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      it(`leaves ${signal} its effect, which the client's own handlers would take away`, async () => {
        const { child, ended, line } = run("wait");
        expect(await line).to.deep.equal(["ready"]);
        child.kill(signal);
        expect(await ended).to.deep.equal([null, signal]);
      });
    }
  });
});
