import { expect } from "chai";
import { type NoGoCode, noGoReasons } from "../../errors/status-codes";
import { judge } from "../../pipelines/gate";
import type { FolderOfLetters, GateFacts } from "../../pipelines/gate-facts";
import type { RunDetails, RunRow } from "../../schema/run-record";
import { FOLDER, loadRun, MAPPING, minute, preflightRun, SUBSCRIPTION, streamRun, verifyRun } from "./recorded-runs";

const folder: FolderOfLetters = { url: FOLDER, recorded: 0, open: {}, done: {}, problem: null };

/** A migration that may be cut over. */
const ready: GateFacts = {
  at: minute(90),
  sourceTable: "Orders",
  mappingHash: MAPPING,
  recorded: true,
  runs: [preflightRun(), loadRun(), streamRun(), verifyRun()],
  folders: [folder],
  indexProblems: [],
  subscriptions: [{ name: SUBSCRIPTION, seenSince: minute(0) }],
  backlog: null,
  drainedForSeconds: 60,
  verifiedWithinSeconds: 3600,
};

function codes(facts: GateFacts): readonly NoGoCode[] {
  const { verdict, reasons } = judge(facts);
  expect(verdict).to.equal(reasons.length === 0 ? "GO" : "NO-GO");
  return reasons.map(({ code }) => code);
}

const withRuns = (...runs: readonly RunRow[]): GateFacts => ({ ...ready, runs });
const flow = (change: Partial<NonNullable<RunDetails["flow"]>>): Partial<RunDetails> => {
  const whole = streamRun().details.flow;
  if (whole === undefined) throw new Error("the stream has no flow");
  return { flow: { ...whole, ...change } };
};
const verification = (change: Partial<NonNullable<RunDetails["verification"]>>): Partial<RunDetails> => ({
  verification: { against: "table", source: "Orders", sample: 100, repair: false, ...change },
});
const found = (change: Readonly<Record<string, number>>): Partial<RunDetails> => ({
  counts: { ...verifyRun().details.counts, ...change },
});
const waiting = (undelivered: number, minutes: number): GateFacts["backlog"] => ({
  subscription: SUBSCRIPTION,
  backlog: { undelivered, oldestSeconds: 5, at: minute(minutes) },
  problem: null,
});
const running = { status: "running", endedAt: null } as const;
const late = { startedAt: minute(71), recordedAt: minute(72), endedAt: minute(72) } as const;

describe("The cut-over gate", () => {
  it("says GO where everything is proven", () => {
    expect(judge(ready)).to.deep.equal({ verdict: "GO", phase: "ready", reasons: [] });
  });

  it("says NO-GO where nothing is known", () => {
    expect(codes({ ...ready, recorded: false, runs: [] })).to.deep.equal(["NO_GO_RECORDS_MISSING"]);
    expect(codes({ ...ready, runs: [], folders: [], subscriptions: [] })).to.deep.equal([
      "NO_GO_LOAD_MISSING",
      "NO_GO_STREAM_MISSING",
      "NO_GO_VERIFICATION_MISSING",
    ]);
  });

  const load = loadRun();
  const stream = streamRun();
  const verify = verifyRun();
  const cases: readonly (readonly [title: string, code: NoGoCode, facts: GateFacts])[] = [
    ["no load", "NO_GO_LOAD_MISSING", withRuns(stream, verify)],
    ["a load that failed", "NO_GO_LOAD_UNFINISHED", withRuns(loadRun({ status: "failed" }), stream, verify)],
    ["a load that was stopped", "NO_GO_LOAD_UNFINISHED", withRuns(loadRun({ status: "interrupted" }), stream, verify)],
    [
      "a load that does not add up",
      "NO_GO_LOAD_UNFINISHED",
      withRuns(loadRun({ status: "unaccounted" }), stream, verify),
    ],
    ["a load that was killed", "NO_GO_LOAD_UNFINISHED", withRuns(loadRun(running), stream, verify)],
    ["a load that was handed over", "NO_GO_LOAD_UNKNOWN", withRuns(loadRun({ status: "handed-over" }), stream, verify)],
    [
      "a newer load that failed",
      "NO_GO_LOAD_UNFINISHED",
      withRuns(load, loadRun({ runId: "load-2", status: "failed", startedAt: minute(40) }), stream, verify),
    ],
    [
      "an incremental export that failed",
      "NO_GO_LOAD_UNFINISHED",
      withRuns(load, { ...loadRun({ status: "failed", runId: "load-2" }), command: "incremental" }, stream, verify),
    ],
    ["no stream", "NO_GO_STREAM_MISSING", withRuns(load, verify)],
    ["a stream that failed", "NO_GO_STREAM_FAILED", withRuns(load, streamRun({ status: "failed" }), verify)],
    ["a stream that was killed", "NO_GO_STREAM_FAILED", withRuns(load, streamRun(running), verify)],
    ["changes that waited", "NO_GO_STREAM_FAILED", withRuns(load, streamRun({ status: "interrupted" }), verify)],
    [
      "messages that were held",
      "NO_GO_STREAM_NOT_DRAINED",
      withRuns(load, streamRun({ details: flow({ held: 1 }) }), verify),
    ],
    [
      "a stream that was stopped too soon",
      "NO_GO_STREAM_NOT_DRAINED",
      withRuns(load, streamRun({ details: flow({ quietSeconds: 59 }) }), verify),
    ],
    [
      "Pub/Sub out of reach",
      "NO_GO_STREAM_NOT_DRAINED",
      withRuns(load, streamRun({ details: flow({ lostSince: minute(59) }) }), verify),
    ],
    ["messages after the stream", "NO_GO_MESSAGES_WAITING", { ...ready, backlog: waiting(1, 61) }],
    [
      "a stream that runs",
      "NO_GO_RUN_ACTIVE",
      withRuns(load, stream, verify, streamRun({ ...running, runId: "stream-0", recordedAt: minute(89.5) })),
    ],
    [
      "a load that runs",
      "NO_GO_RUN_ACTIVE",
      withRuns(loadRun({ ...running, recordedAt: minute(89.9) }), stream, verify),
    ],
    [
      "open dead letters",
      "NO_GO_DEAD_LETTERS_OPEN",
      { ...ready, folders: [{ ...folder, recorded: 1, open: { E_ITEM_NO_TYPE: 1 } }] },
    ],
    [
      "dead letters that are not where they were stored",
      "NO_GO_DEAD_LETTERS_UNKNOWN",
      { ...ready, folders: [{ ...folder, recorded: 2, done: { E_ITEM_NO_TYPE: 1 } }] },
    ],
    [
      "a folder that can't be read",
      "NO_GO_DEAD_LETTERS_UNKNOWN",
      { ...ready, folders: [{ ...folder, problem: "no permission" }] },
    ],
    ["no verification", "NO_GO_VERIFICATION_MISSING", withRuns(preflightRun(), load, stream)],
    [
      "a verification that failed",
      "NO_GO_VERIFICATION_FAILED",
      withRuns(load, stream, verifyRun({ status: "failed" })),
    ],
    ["a verification that was killed", "NO_GO_VERIFICATION_FAILED", withRuns(load, stream, verifyRun(running))],
    [
      "rows that differ",
      "NO_GO_VERIFICATION_DIFFERENT",
      withRuns(load, stream, verifyRun({ status: "different", details: found({ different: 1 }) })),
    ],
    [
      "a status that its counts deny",
      "NO_GO_VERIFICATION_DIFFERENT",
      withRuns(load, stream, verifyRun({ details: found({ extra: 1 }) })),
    ],
    [
      "rows that were behind",
      "NO_GO_VERIFICATION_BEHIND",
      withRuns(load, stream, verifyRun({ status: "behind", details: found({ behind: 1 }) })),
    ],
    [
      "a sample",
      "NO_GO_VERIFICATION_SAMPLE",
      withRuns(load, stream, verifyRun({ details: verification({ sample: 99.9 }) })),
    ],
    [
      "rows that were repaired",
      "NO_GO_VERIFICATION_REPAIRED",
      withRuns(load, stream, verifyRun({ details: { ...found({ repaired: 1 }), ...verification({ repair: true }) } })),
    ],
    ["another mapping", "NO_GO_VERIFICATION_OTHER_MAPPING", { ...ready, mappingHash: "mapping-2" }],
    [
      "another table",
      "NO_GO_VERIFICATION_SOURCE",
      withRuns(
        load,
        stream,
        verifyRun({ details: verification({ source: "arn:aws:dynamodb:r:1:table/Orders-copy" }) }),
      ),
    ],
    [
      "an export, where changes came",
      "NO_GO_VERIFICATION_SOURCE",
      withRuns(
        load,
        stream,
        verifyRun({ details: verification({ against: "export", source: "gs://b/AWSDynamoDB/1" }) }),
      ),
    ],
    [
      "a stream after it",
      "NO_GO_VERIFICATION_OUTDATED",
      withRuns(load, stream, verify, streamRun({ ...late, runId: "stream-2" })),
    ],
    [
      "a stream that was killed after its beginning",
      "NO_GO_VERIFICATION_OUTDATED",
      withRuns(load, streamRun({ ...running, recordedAt: minute(71) }), verify),
    ],
    ["a load after it", "NO_GO_VERIFICATION_OUTDATED", withRuns(loadRun(late), stream, verify)],
    [
      "a replay after it",
      "NO_GO_VERIFICATION_OUTDATED",
      withRuns(load, stream, verify, { ...loadRun(late), runId: "replay-1", command: "replay" }),
    ],
    [
      "an earlier repair that ended after its beginning",
      "NO_GO_VERIFICATION_OUTDATED",
      withRuns(
        load,
        stream,
        verify,
        verifyRun({
          ...{ runId: "verify-0", startedAt: minute(65), endedAt: minute(71) },
          details: verification({ repair: true }),
        }),
      ),
    ],
    [
      "a beginning that nobody recorded",
      "NO_GO_VERIFICATION_OUTDATED",
      withRuns(load, stream, verifyRun({ startedAt: null })),
    ],
    ["an old verification", "NO_GO_VERIFICATION_OLD", { ...ready, at: minute(140.1) }],
    ["missing indexes", "NO_GO_INDEXES_MISSING", { ...ready, indexProblems: ["ByDate is missing"] }],
  ];
  for (const [title, code, facts] of cases) {
    it(`${code}: ${title}`, () => {
      expect(codes(facts)).to.include(code);
    });
  }

  it("has a case for every reason", () => {
    const covered = new Set([...cases.map(([, code]) => code), "NO_GO_RECORDS_MISSING", "NO_GO_SUBSCRIPTION_UNPROVEN"]);
    expect([...covered].toSorted()).to.deep.equal(Object.keys(noGoReasons).toSorted());
  });

  it("takes one reason alone for NO-GO", () => {
    for (const [, , facts] of cases) expect(judge(facts).verdict).to.equal("NO-GO");
  });

  describe("the age of the subscription", () => {
    const unverified = (seenSince: string | null, exportTime: string | null = minute(10)): GateFacts => ({
      ...withRuns(loadRun({ details: { export: { url: "u", items: 1, files: 1, exportTime } } }), stream),
      subscriptions: [{ name: SUBSCRIPTION, seenSince }],
    });

    it("is proven by a sight of it before the export", () => {
      expect(codes(unverified(minute(9)))).to.deep.equal(["NO_GO_VERIFICATION_MISSING"]);
    });

    for (const [title, facts] of [
      ["seen after the export", unverified(minute(11))],
      ["seen at the very time of the export", unverified(minute(10))],
      ["never seen", unverified(null)],
      ["an export of unknown time", unverified(minute(9), null)],
      ["no subscription", { ...unverified(minute(9)), subscriptions: [] }],
    ] as const) {
      it(`is not proven: ${title}`, () => {
        expect(codes(facts)).to.include("NO_GO_SUBSCRIPTION_UNPROVEN");
      });
    }

    it("is settled by a whole verification of the live table, and by no less", () => {
      const unproven = { ...ready, subscriptions: [{ name: SUBSCRIPTION, seenSince: null }] };
      expect(codes(unproven)).to.deep.equal([]);
      expect(
        codes({ ...unproven, runs: [load, stream, verifyRun({ details: verification({ sample: 50 }) })] }),
      ).to.include("NO_GO_SUBSCRIPTION_UNPROVEN");
    });
  });

  it("takes messages from before the stream's end for none, and no count for no reason", () => {
    expect(codes({ ...ready, backlog: waiting(1, 59) })).to.deep.equal([]);
    expect(codes({ ...ready, backlog: waiting(0, 61) })).to.deep.equal([]);
    const unknown = { subscription: SUBSCRIPTION, backlog: null, problem: "no permission" };
    expect(codes({ ...ready, backlog: unknown })).to.deep.equal([]);
  });

  it("takes incremental exports in place of a stream", () => {
    const incremental: RunRow = { ...loadRun({ runId: "load-2", startedAt: minute(40) }), command: "incremental" };
    const facts = { ...withRuns(load, incremental, verify), subscriptions: [] };
    expect(codes(facts)).to.deep.equal([]);
    expect(codes({ ...facts, runs: [load, incremental] })).to.deep.equal(["NO_GO_VERIFICATION_MISSING"]);
  });

  describe("a table that nothing writes to", () => {
    const exclusive = loadRun({ details: { exclusive: true } });
    const against = (source: string) => verifyRun({ details: verification({ against: "export", source }) });

    it("needs no stream, and may be verified against the export that was loaded", () => {
      expect(codes({ ...withRuns(exclusive, against("gs://b/AWSDynamoDB/1")), subscriptions: [] })).to.deep.equal([]);
    });

    it("not if changes of an incremental export came", () => {
      const incremental: RunRow = { ...loadRun({ runId: "load-2" }), command: "incremental" };
      expect(codes(withRuns(exclusive, incremental, against("gs://b/AWSDynamoDB/1")))).to.include(
        "NO_GO_VERIFICATION_SOURCE",
      );
    });

    it("not against another export, nor against one that nothing proves whole", () => {
      expect(codes(withRuns(exclusive, against("gs://b/AWSDynamoDB/2")))).to.deep.equal(["NO_GO_VERIFICATION_SOURCE"]);
      const unproven = loadRun({ status: "unproven", details: { exclusive: true } });
      expect(codes(withRuns(unproven, against("gs://b/AWSDynamoDB/1")))).to.deep.equal(["NO_GO_VERIFICATION_SOURCE"]);
    });
  });

  it("goes by the newest run of each command", () => {
    const runs = [
      loadRun({ runId: "load-0", status: "failed", startedAt: minute(11), endedAt: minute(12) }),
      ...ready.runs,
      streamRun({ runId: "stream-0", startedAt: minute(13), recordedAt: minute(14), ...running }),
      verifyRun({ runId: "verify-0", status: "different", startedAt: minute(61), endedAt: minute(62) }),
    ];
    expect(codes(withRuns(...runs))).to.deep.equal([]);
  });

  it("takes a table's ARN for its name", () => {
    const source = "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders";
    expect(codes(withRuns(load, stream, verifyRun({ details: verification({ source }) })))).to.deep.equal([]);
  });

  for (const [phase, facts] of [
    ["before the load", withRuns(preflightRun())],
    ["loading", withRuns(loadRun({ ...running, recordedAt: minute(90) }))],
    ["streaming", withRuns(load, streamRun({ ...running, recordedAt: minute(90) }))],
    ["drained", withRuns(load, stream)],
    ["verified", { ...ready, indexProblems: ["ByDate is missing"] }],
    ["ready", ready],
  ] as const) {
    it(`knows the phase: ${phase}`, () => {
      expect(judge(facts).phase).to.equal(phase);
    });
  }
});
