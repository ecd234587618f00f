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
  afterEach(() => proxy.stop());

  const options = () => ({ database, mapping, input: folder(), folder: folder() });
  const start = (): Promise<RunningLoad> =>
    startLoad({ ...options(), environment: { SPANNER_EMULATOR_HOST: proxy.address } });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} in the middle: what was written is said, and a second run completes the load`, async () => {
      // Two commits are through; the third is done, but its answer is still on the way.
      const hold = proxy.hold("Commit", "answer", 2);
      const { command, finished } = await start();
      await Promise.race([hold.reached(), command.finished]);
      command.process.kill(signal);
      await command.waitForError(new RegExp(`${signal}: finishing the commits under way; once more ends at once`));
      hold.release();

      const stopped = await finished();
      expectError(stopped, "E_INTERRUPTED", new RegExp(`stopped by ${signal}`));
      const rows = await countRows(database, "Migration");
      expect(rows).to.be.greaterThan(0).and.lessThan(items);
      expect(stopped.summary).to.include({ status: "interrupted", written: rows, deadLettered: 0, expected: items });
      expect(stopped.stdout).to.match(new RegExp(`written\\s+│\\s+${rows.toLocaleString("en-US")}`));
      expect(stopped.stdout).to.match(/status\s+│\s+interrupted/);

      const second = await runLoad(options());
      expectExit(second, 0);
      expect(expectAccounted(second.summary)).to.include({ status: "proven", written: items, stale: 0 });
      expect(await countRows(database, "Migration")).to.equal(items);
    });
  }

  it("a second signal ends the load at once, though Spanner does not answer", async () => {
    const hold = proxy.hold("Commit", "request");
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
