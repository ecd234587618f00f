import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { estimateLoad, type LoadPlan, loadTime, type TableSize, workersFor } from "../../scripts/size/load-estimate";
import { main } from "../../scripts/size/main";
import { formatBytes, parseQuantity } from "../../scripts/size/quantity";
import { sizeReport } from "../../scripts/size/size-report";
import { MAX_CELLS_PER_COMMIT, MAX_COMMIT_BYTES } from "../../spanner/commit-limits";

const regional: LoadPlan = { instance: "regional", exclusive: false };
const terabyte: TableSize = { items: 1e9, bytes: 1e12, cellsPerRow: 10 };

describe("make size", () => {
  it("reckons as the documents of Spanner say", () => {
    const { nodeSeconds } = estimateLoad(terabyte, { ...regional, exclusive: true });
    expect(nodeSeconds.best, "10 MB a second").to.equal(1e12 / 10e6);
    expect(nodeSeconds.worst, "3,500 rows of 1 KB a second").to.equal(1e9 / 3500);
    const small = estimateLoad({ ...terabyte, bytes: 1e11 }, { ...regional, exclusive: true });
    expect(small.nodeSeconds.worst, "smaller rows are not quicker").to.equal(1e9 / 3500);
    const large = estimateLoad({ ...terabyte, bytes: 4e12 }, { instance: "multi-region", exclusive: true });
    expect(large.nodeSeconds.worst, "larger rows count as several").to.equal(4e9 / 2700);
  });

  it("adds what the version check costs: a read of each key, and the workers' time", () => {
    const checked = estimateLoad(terabyte, regional);
    const { nodeSeconds, workerSeconds } = estimateLoad(terabyte, { ...regional, exclusive: true });
    expect(checked.nodeSeconds.worst - nodeSeconds.worst).to.be.closeTo(1e9 / 22_500, 1e-6);
    expect(checked.nodeSeconds.best - nodeSeconds.best).to.be.closeTo(1e9 / 22_500, 1e-6);
    expect(checked.workerSeconds).to.be.greaterThan(workerSeconds);
    expect(checked.versionCheckOfWorkers * checked.workerSeconds).to.be.closeTo(
      checked.workerSeconds - workerSeconds,
      1e-3,
    );
  });

  it("closes commits by rows, cells or bytes, never over Spanner's limits", () => {
    const limitOf = (size: Partial<TableSize>) => estimateLoad({ ...terabyte, ...size }, regional).commitLimit;
    expect(limitOf({ bytes: 1e11 })).to.equal("rows");
    expect(limitOf({ cellsPerRow: 500 })).to.equal("cells");
    expect(limitOf({})).to.equal("bytes");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 20_000 }), (bytesPerItem, cells) => {
        const size = { items: 1e6, bytes: 1e6 * bytesPerItem, cellsPerRow: cells };
        const { rowsPerCommit, commits } = estimateLoad(size, regional);
        expect(rowsPerCommit).to.be.within(1, 4000);
        expect(rowsPerCommit * cells).to.be.at.most(MAX_CELLS_PER_COMMIT);
        expect(rowsPerCommit * bytesPerItem).to.be.at.most(MAX_COMMIT_BYTES);
        expect(commits * rowsPerCommit).to.be.at.least(1e6);
      }),
    );
  });

  it("is never quicker with less, and `enough` workers are enough", () => {
    const counts = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 100_000 }), (workers, nodes, bytesPerItem) => {
        const estimate = estimateLoad({ items: 1e8, bytes: 1e8 * bytesPerItem, cellsPerRow: 5 }, regional);
        const { best, worst } = loadTime(estimate, workers, nodes);
        expect(best).to.be.at.most(worst);
        expect(loadTime(estimate, workers + 1, nodes).best).to.be.at.most(best);
        expect(loadTime(estimate, workers, nodes + 1).worst).to.be.at.most(worst);
        const enough = workersFor(estimate, nodes);
        expect(loadTime(estimate, enough, nodes).best).to.be.closeTo(estimate.nodeSeconds.best / nodes, 1e-6);
      }),
    );
  });

  it("needs a node for each 10 TiB", () => {
    const nodesFor = (bytes: number) => estimateLoad({ ...terabyte, bytes }, regional).storageNodes;
    expect(nodesFor(10 * 1024 ** 4)).to.equal(1);
    expect(nodesFor(10 * 1024 ** 4 + 1)).to.equal(2);
    const size = { ...terabyte, bytes: 2e15 };
    expect(sizeReport(size, regional, estimateLoad(size, regional))).to.match(/workers │ +182 nodes │/);
  });

  it("shows in docs/scaling.md what it prints", () => {
    const shown = sizeReport(terabyte, regional, estimateLoad(terabyte, regional));
    expect(readFileSync("docs/scaling.md", "utf8")).to.include(`\n${shown}\n`);
  });

  it("takes numbers as people write them", () => {
    const read = (text: string) => parseQuantity(text);
    expect(["1000", "1_000", "1,000", "1e3", "1k", "1KB", "1 kB"].map(read)).to.deep.equal(Array(7).fill(1000));
    expect(["1.5TB", "1TiB", "250M", ".5G"].map(read)).to.deep.equal([1.5e12, 1024 ** 4, 250e6, 5e8]);
    for (const wrong of ["", "TB", "0", "-5", "ten", "1PB", "1.2.3", "0x10", "1e999", "NaN", ","]) {
      expect(read(wrong), wrong).to.equal(undefined);
    }
    expect([1, 999, 1000, 1.5e6, 1e12, 2e15].map(formatBytes)).to.deep.equal([
      "1 bytes",
      "999 bytes",
      "1 kB",
      "1.5 MB",
      "1 TB",
      "2,000 TB",
    ]);
  });

  it("refuses what it can't reckon with", async () => {
    const words = ["--items", "1e9", "--bytes", "1TB"];
    expect(await main(["--items", "", "--bytes", "1TB"])).to.equal(2);
    expect(await main([...words, "--cells", "0"])).to.equal(2);
    expect(await main([...words, "--instance", "galactic"])).to.equal(2);
    expect(await main(["--items", "1e9"])).to.equal(2);
  });
});
