import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { countDeadLetters } from "../../pipelines/dead-letter-count";
import { judge } from "../../pipelines/gate";
import type { GateFacts } from "../../pipelines/gate-facts";
import { statusReport } from "../../pipelines/status-report";
import { renderStatus } from "../../pipelines/status-table";
import { settingWarnings } from "../../pipelines/subscription-sight";
import type { RunRow } from "../../schema/run-record";
import { formatDeadLetter } from "../../transforms/dead-letter";
import { useFolder } from "../export/export-folder";
import { loadRun, MAPPING, minute, streamRun, verifyRun } from "./recorded-runs";

function reportOf(runs: readonly RunRow[], change: Partial<GateFacts> = {}) {
  const facts: GateFacts = {
    ...{ at: minute(90), sourceTable: "Orders", mappingHash: MAPPING, recorded: true, runs, folders: [] },
    ...{ indexProblems: [], subscriptions: [], backlog: null, drainedForSeconds: 60, verifiedWithinSeconds: 3600 },
    ...change,
  };
  return statusReport(facts, judge(facts), []);
}

const warnings = (runs: readonly RunRow[], change: Partial<GateFacts> = {}) =>
  reportOf(runs, change).warnings.map(({ code }) => code);

describe("What status reports", () => {
  it("tells runs that go on from those that were lost", () => {
    const open = { status: "running", endedAt: null } as const;
    const { load, stream } = reportOf([
      loadRun({ ...open, recordedAt: minute(80) }),
      streamRun({ ...open, recordedAt: minute(89.5) }),
    ]);
    expect(load).to.include({ state: "lost", ageSeconds: 600 });
    expect(stream).to.include({ state: "active", ageSeconds: 30 });
  });

  it("warns of jobs elsewhere whose end nobody knows", () => {
    const lost = { status: "running", endedAt: null, recordedAt: minute(25) } as const;
    const elsewhere = { details: { runner: "flink" } };
    expect(warnings([loadRun(), streamRun({ ...lost, ...elsewhere, runId: "stream-0" }), streamRun()])).to.deep.equal([
      "WARN_HANDED_OVER",
    ]);
    const earlier = loadRun({ status: "handed-over", runId: "load-0", startedAt: minute(15), ...elsewhere });
    expect(warnings([earlier, loadRun(), streamRun()])).to.deep.equal(["WARN_HANDED_OVER"]);
    expect(warnings([loadRun(), streamRun({ ...lost, runId: "stream-0" }), streamRun()])).to.deep.equal([]);
  });

  it("warns of a load with another mapping", () => {
    expect(warnings([loadRun(), streamRun()], { mappingHash: "other" })).to.deep.equal(["WARN_LOAD_OTHER_MAPPING"]);
  });

  it("shows what Pub/Sub keeps, or why that is not known", () => {
    const subscription = "projects/p/subscriptions/s";
    const sights = { subscriptions: [{ name: subscription, seenSince: null }] };
    const backlog = { undelivered: 1200, oldestSeconds: 61, at: minute(88) };
    const known = reportOf([], { ...sights, backlog: { subscription, backlog, problem: null } });
    expect(renderStatus(known)).to.include("in Pub/Sub: 1,200 messages, the oldest 1 m 1 s old");
    const unknown = reportOf([], { ...sights, backlog: { subscription, backlog: null, problem: "no permission" } });
    expect(renderStatus(unknown)).to.include("in Pub/Sub: unknown (no permission)");
  });

  it("shows a GO", () => {
    const report = reportOf([loadRun(), streamRun(), verifyRun()]);
    expect(renderStatus(report)).to.match(/verdict +│ GO /);
    expect(renderStatus(report)).to.not.include("NO_GO");
  });

  it("warns of each setting of a subscription that loses changes, and of none that does not", () => {
    const good = {
      ...{ retentionSeconds: 7 * 86_400, expiresAfterSeconds: undefined, filtered: false },
      ...{ deadLetterTopic: false, pull: true, ordering: true },
    };
    const codes = (change: Partial<typeof good> | { expiresAfterSeconds: number }) =>
      settingWarnings("s", { ...good, ...change }).map(({ code }) => code);
    expect(codes({})).to.deep.equal([]);
    expect(codes({ retentionSeconds: 86_400 })).to.deep.equal(["WARN_SUBSCRIPTION_RETENTION"]);
    expect(codes({ expiresAfterSeconds: 31 * 86_400 })).to.deep.equal(["WARN_SUBSCRIPTION_EXPIRES"]);
    expect(codes({ filtered: true })).to.deep.equal(["WARN_SUBSCRIPTION_FILTER"]);
    expect(codes({ deadLetterTopic: true })).to.deep.equal(["WARN_SUBSCRIPTION_DEAD_LETTER_TOPIC"]);
    expect(codes({ pull: false })).to.deep.equal(["WARN_SUBSCRIPTION_PUSH"]);
    expect(codes({ ordering: false })).to.deep.equal(["WARN_SUBSCRIPTION_ORDER"]);
  });
});

describe("Dead letters that status counts", () => {
  const folder = useFolder();
  const letter = formatDeadLetter({
    ...{ code: "E_ITEM_NO_TYPE", message: "made up", source: { file: "f", line: 1 }, payload: "{}" },
    at: minute(0),
  });

  it("are those of every folder that a run has named, open and done, beside what was recorded", async () => {
    const url = folder();
    await mkdir(join(url, "done"));
    await mkdir(join(url, "counts"));
    await writeFile(join(url, "one.jsonl"), `${letter}\n${letter}\n`);
    await writeFile(join(url, "done", "one.jsonl"), `${letter}\n`);
    await writeFile(join(url, "counts", "other.jsonl"), `${letter}\n`);
    await writeFile(join(url, "notes.txt"), "no letter");
    const dead = (runner: string) => ({ deadLetters: url, counts: { deadLettered: 3 }, runner });
    const replay: RunRow = { ...loadRun({ details: dead("direct") }), command: "replay" };
    const runs = [loadRun({ details: dead("flink") }), streamRun({ details: dead("flink") }), replay];
    const [another, named] = await countDeadLetters(runs, join(url, "another"));
    expect(another).to.deep.equal({ url: join(url, "another"), recorded: 0, open: {}, done: {}, problem: null });
    // The load's three, and of a stream elsewhere, whose counters count what was done twice, one.
    expect(named).to.deep.equal({
      ...{ url, recorded: 4, problem: null },
      ...{ open: { E_ITEM_NO_TYPE: 2 }, done: { E_ITEM_NO_TYPE: 1 } },
    });
  });
});
