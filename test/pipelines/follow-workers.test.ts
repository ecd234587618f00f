import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { followWorkers } from "../../pipelines/follow-workers";
import { openLedger } from "../../transforms/ledger";
import { reportWorker, type WorkerReport } from "../../transforms/worker-report";
import { eventually } from "../beam/journal";
import { useFolder } from "../export/export-folder";

const counts = { read: 0, written: 0, stale: 0, filtered: 0, deadLettered: 0, bytesRead: 0 };

describe("followWorkers", () => {
  const folder = useFolder();
  const countsFile = () => ({ folder: folder(), name: "counts/run-level-0.json" });
  const put = (name: string, report: WorkerReport) => {
    const place = join(folder(), "counts/run-level-0.workers");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, name), JSON.stringify(report));
  };

  it("adds up what workers say, shows each warning once, and leaves nothing behind", async () => {
    const said: string[] = [];
    const followed = followWorkers(countsFile(), (text) => said.push(text), 20);
    expect(followed.total()).to.deep.equal({});
    put("a.json", { worker: "one", counts: { ...counts, read: 3, written: 2 }, warnings: ["slow"] });
    await eventually(() => followed.total().written === 2);
    put("b.json", { worker: "two", counts: { ...counts, read: 4, written: 4 }, warnings: [] });
    put("a.json", { worker: "one", counts: { ...counts, read: 5, written: 5 }, warnings: ["slow", "slower"] });
    await eventually(() => followed.total().written === 9);
    put("b.json", { worker: "two", counts: { ...counts, read: 6, written: 6 }, warnings: ["last word"] });
    await followed.stop();
    expect(followed.total()).to.include({ read: 11, written: 11 });
    expect(said).to.deep.equal(["one: slow", "one: slower", "two: last word"]);
    expect(readdirSync(join(folder(), "counts/run-level-0.workers"))).to.deep.equal([]);
  });

  it("is not disturbed by what it can't read", async () => {
    const followed = followWorkers(countsFile(), () => undefined, 20);
    mkdirSync(join(folder(), "counts/run-level-0.workers"), { recursive: true });
    writeFileSync(join(folder(), "counts/run-level-0.workers", "a.json"), "{");
    await followed.stop();
    expect(followed.total()).to.deep.equal({});
  });

  it("sees what a worker reports of its steps' counts, while they run", async () => {
    const ledger = openLedger("follow-workers-test");
    reportWorker("follow-workers-test", countsFile(), 20);
    const followed = followWorkers(countsFile(), () => undefined, 20);
    ledger.add("a file", { read: 7, written: 5 });
    await eventually(() => followed.total().read === 7);
    expect(followed.total().written).to.equal(5);
    ledger.add("another", { written: 1 });
    await eventually(() => followed.total().written === 6);
    await followed.stop();
  });
});
