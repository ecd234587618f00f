import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { writeFakeExport } from "../../scripts/fake-data/fake-export";
import { useFolder } from "../export/export-folder";
import { type GrpcProxy, startGrpcProxy } from "../support/grpc-proxy";
import { spannerEmulator } from "../support/spanner";
import {
  expectAccounted,
  expectError,
  expectExit,
  PROCESS_MILLISECONDS,
  type RunningLoad,
  runLoad,
  sampleMapping,
  startLoad,
} from "./load";
import { countRows, createMappedDatabase } from "./mapped-database";

const mapping = sampleMapping("migration");
/** Some eight blocks. */
const items = 16_000;

describe("bulk: signals", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  const folder = useFolder();
  let proxy: GrpcProxy;
  let database: EmulatorDatabase;
  beforeEach(async () => {
    proxy = await startGrpcProxy((await spannerEmulator.running()).address);
    database = await createMappedDatabase(mapping);
    await writeFakeExport({ set: "tutorial", items, seed: 7, files: 2, folder: folder() });
  });
  let running: RunningLoad | undefined;
  afterEach(async () => {
    // Only where a test has failed is there still a process.
    running?.command.process.kill("SIGKILL");
    await proxy.stop();
  });

  const options = () => ({ database, mapping, input: folder(), folder: folder() });
  const start = async (...words: readonly string[]): Promise<RunningLoad> => {
    running = await startLoad({
      ...options(),
      options: words,
      environment: { SPANNER_EMULATOR_HOST: proxy.address },
    });
    return running;
  };
  const expectStopped = async ({ finished }: RunningLoad, signal: NodeJS.Signals): Promise<void> => {
    const stopped = await finished();
    expectError(stopped, "E_INTERRUPTED", new RegExp(`stopped by ${signal}`));
    const rows = await countRows(database, "Migration");
    expect(rows).to.be.greaterThan(0).and.lessThan(items);
    expect(stopped.summary).to.include({ status: "interrupted", written: rows, deadLettered: 0, expected: items });
    expect(stopped.stdout).to.match(new RegExp(`written\\s+│\\s+${rows.toLocaleString("en-US")}`));
    expect(stopped.stdout).to.match(/status\s+│\s+interrupted/);
  };

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} in the middle: what was written is said, and a second run completes the load`, async () => {
      // The load is recorded, and two commits are through; the third is done, but its answer is still on the way.
      const hold = proxy.hold("Commit", "answer", 3);
      const load = await start();
      await Promise.race([hold.reached(), load.command.finished]);
      load.command.process.kill(signal);
      await load.command.waitForError(new RegExp(`${signal}: finishing the commits under way; once more ends at once`));
      hold.release();
      await expectStopped(load, signal);

      const second = await runLoad(options());
      expectExit(second, 0);
      expect(expectAccounted(second.summary)).to.include({ status: "proven", written: items, stale: 0 });
      expect(await countRows(database, "Migration")).to.equal(items);
    });
  }

  it("a signal while several commits are under way: all of them are waited for", async () => {
    const others = proxy.hold("Commit", "answer", 4);
    const third = proxy.hold("Commit", "answer", 3);
    const load = await start("--commits-in-flight", "3");
    await Promise.race([Promise.all([third.reached(), others.reached()]), load.command.finished]);
    load.command.process.kill("SIGINT");
    await load.command.waitForError(/SIGINT: finishing the commits under way/);
    third.release();
    // The load must not end before the others have their answers. That it does not can't be awaited, only given time.
    const ended = await Promise.race([load.command.finished, setTimeout(1000, "not yet")]);
    others.release();
    await expectStopped(load, "SIGINT");
    expect(ended).to.equal("not yet");
  });

  it("a second signal ends the load at once, though Spanner does not answer", async () => {
    // Not the first: that is the load's own record, before the load listens to signals.
    const hold = proxy.hold("Commit", "request", 3);
    const { command, finished } = await start();
    await Promise.race([hold.reached(), command.finished]);
    command.process.kill("SIGINT");
    await command.waitForError(/SIGINT: finishing the commits under way/);
    command.process.kill("SIGINT");
    const { exitCode } = await finished();
    expect(exitCode).to.equal(1);
    hold.drop();
  });
});
