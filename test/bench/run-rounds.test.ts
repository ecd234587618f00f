import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ratiosOf } from "../../bench/results";
import { runRounds } from "../../bench/run-rounds";
import { subjectsAt } from "../../bench/subjects";

describe("benchmarks", () => {
  it("run each program to its end, on little data", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
    try {
      const results = await runRounds({
        subjects: subjectsAt({ tutorial: 300, wide: 50, smallest: 10, largest: 400 }),
        rounds: 1,
        dataFolder: folder,
        workFolder: folder,
        say: () => {},
      });
      for (const { title, median } of results) {
        expect(median.cpuSeconds, title).to.be.greaterThan(0.1);
        expect(median.peakRssMb, title).to.be.greaterThan(20);
      }
      expect(Object.values(ratiosOf(results)).every((ratio) => ratio > 0)).to.equal(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
