import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { measureStream } from "../../bench/stream/measure-stream";
import { streamTable } from "../../bench/stream/stream-table";
import { pubSubEmulator } from "../support/pubsub";
import { spannerEmulator } from "../support/spanner";

describe("benchmark of streams", () => {
  spannerEmulator.use();
  pubSubEmulator.use();

  for (const program of ["plain", "stream"] as const) {
    it(`measures every change (${program})`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "bench-stream-test-"));
      try {
        const measured = await measureStream({ program, rate: 100, changes: 50 }, folder);
        expect(measured.latency.p50).to.be.greaterThan(0);
        expect(measured.latency.p99).to.be.at.least(measured.latency.p50);
        expect(measured.changesPerCpuSecond).to.be.greaterThan(0);
        expect(streamTable([measured])).to.match(/\| (plain script|stream) \| 100 \| \d+ \|/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
