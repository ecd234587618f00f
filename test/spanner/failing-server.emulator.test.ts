import { expect } from "chai";
import type { LocalServer } from "../../scripts/emulators/server-process";
import { createInstanceAndDatabase } from "../../scripts/emulators/spanner-database";
import { startOwnSpannerEmulator } from "../../scripts/emulators/spanner-emulator";
import { createCommitSender } from "../../spanner/commit-sender";
import { closeAllConnections, openSpanner, type SpannerConnection, type SpannerTarget } from "../../spanner/connection";
import { overwriteRows, writeRows } from "../../spanner/row-writer";
import { withSpannerHost } from "./emulator-host";
import { thrown } from "./thrown";
import { count, table, tutorialColumns, tutorialDdl, tutorialRow } from "./written-rows";

describe("writing rows to an emulator that fails", () => {
  const target: SpannerTarget & { project: string } = {
    project: "test-project",
    instance: "test-instance",
    database: "faulty",
  };
  let server: LocalServer;

  const start = async (flags: readonly string[]): Promise<SpannerConnection> => {
    server = await startOwnSpannerEmulator({ flags });
    return withSpannerHost(server.address, async () => {
      await createInstanceAndDatabase(target, { ddl: [tutorialDdl] });
      return openSpanner(target);
    });
  };
  afterEach(async () => {
    await closeAllConnections();
    await server.stop();
  });

  it("writes every row although transactions are aborted", async () => {
    const connection = await start(["--enable_fault_injection"]);
    const sender = createCommitSender(connection);
    const rows = Array.from({ length: 3000 }, (_, index) => tutorialRow(index));
    const outcome = await writeRows([table("Migration", tutorialColumns, rows)], {
      commit: overwriteRows(sender),
      limits: { rows: 10, cells: 80_000, bytes: 1 << 20 },
    });
    expect(outcome).to.deep.equal({ written: 3000, stale: 0, failures: [] });
    expect(sender.stats().commits).to.equal(300);
    expect(sender.stats().aborted).to.be.above(0);
    expect(await count(connection, "Migration")).to.equal(3000);
  });

  it("writes every row although commits get into each other's way", async () => {
    const connection = await start([]);
    const sender = createCommitSender(connection);
    const blocks = Array.from({ length: 20 }, (_, block) =>
      Array.from({ length: 50 }, (_, index) => tutorialRow(block * 50 + index)),
    );
    const outcomes = await Promise.all(
      blocks.map((rows) => writeRows([table("Migration", tutorialColumns, rows)], { commit: overwriteRows(sender) })),
    );
    expect(outcomes.every(({ written }) => written === 50)).to.equal(true);
    expect(await count(connection, "Migration")).to.equal(1000);
  });

  it("ends with a clear error, in bounded time, when the server dies in the middle", async () => {
    const connection = await start([]);
    const sender = createCommitSender(connection, { retryMilliseconds: 1500 });
    let written = 0;
    const rows = Array.from({ length: 5000 }, (_, index) => tutorialRow(index));
    const writing = writeRows([table("Migration", tutorialColumns, rows)], {
      commit: overwriteRows(sender),
      limits: { rows: 10, cells: 80_000, bytes: 1 << 20 },
      onCommit: (counts) => {
        written += counts.written;
        if (written === 100) void server.stop();
      },
    });
    const started = Date.now();
    const error = await thrown(writing);
    expect(error).to.include({ code: "E_SPANNER_UNREACHABLE" });
    expect((error as Error).message).to.contain("databases/faulty");
    expect(Date.now() - started).to.be.below(30_000);
    expect(written).to.be.within(100, 4990);
  });
});
