import { judge } from "../../pipelines/gate";
import type { GateFacts } from "../../pipelines/gate-facts";
import type { ReportData } from "../../pipelines/report-data";
import { statusReport } from "../../pipelines/status-report";
import type { RunDetails, RunFile, RunRow } from "../../schema/run-record";
import { FOLDER, loadRun, MAPPING, minute, preflightRun, SUBSCRIPTION, streamRun, verifyRun } from "./recorded-runs";

const ITEMS = 2_450_000;

/** Progress that goes up and down, as that of a real run does. */
function samplesTo(total: number, seconds: number, count = 120): RunDetails["samples"] {
  const weights = Array.from(
    { length: count },
    (_, index) => 1 + 0.3 * Math.sin(index / 5) + (index % 7 === 0 ? -0.4 : 0.1),
  );
  const whole = weights.reduce((sum, each) => sum + each, 0);
  let done = 0;
  const points = weights.map((weight, index): [number, number] => {
    done += (weight / whole) * total;
    return [((index + 1) * seconds) / count, Math.round(done)];
  });
  return [[0, 0], ...points];
}

const load = loadRun({
  details: {
    counts: { read: ITEMS, written: 2_310_217, stale: 131_402, filtered: 8_374, deadLettered: 7 },
    samples: samplesTo(ITEMS, 600),
    rate: 4100,
    export: { url: "gs://b/AWSDynamoDB/01712345678901-deadbeef", items: ITEMS, files: 3, exportTime: minute(10) },
  },
  status: "dead-letters",
});

const first = streamRun({
  ...{ runId: "stream-0", endedAt: minute(55), recordedAt: minute(55) },
  details: {
    samples: samplesTo(190_300, 2040),
    counts: { read: 190_300, applied: 171_004, written: 171_004, stale: 12_110, superseded: 7_186, windows: 34 },
  },
});

/** A migration that is ready, but for one dead letter; the names are as bad as names may be. */
export function reportData(hostile = ""): ReportData {
  const replay: RunRow = {
    ...load,
    ...{ runId: "replay-1", command: "replay", status: "dead-letters" },
    ...{ startedAt: minute(61), recordedAt: minute(62), endedAt: minute(62) },
    details: { ...load.details, samples: [], counts: { read: 7, written: 6, deadLettered: 1 }, export: undefined },
  };
  const failed = verifyRun({
    ...{ runId: "verify-0", status: "failed", startedAt: minute(56), recordedAt: minute(57), endedAt: minute(57) },
    details: { failure: "E_SPANNER_UNREACHABLE", counts: { read: 50_000 } },
  });
  const verify = verifyRun({
    details: {
      counts: { read: 2_449_108, rows: 2_440_734, equal: 2_440_733, filtered: 8_374, missing: 1 },
      samples: samplesTo(2_449_108, 600),
      verification: { against: "table", source: `Orders${hostile}`, sample: 100, repair: false },
    },
    status: "different",
  });
  const runs = [load, first, streamRun({ startedAt: minute(58) }), replay, failed, verify];
  const facts: GateFacts = {
    at: minute(90),
    sourceTable: `Orders${hostile}`,
    mappingHash: MAPPING,
    recorded: true,
    runs: [preflightRun(), ...runs],
    folders: [
      {
        url: `${FOLDER}${hostile}`,
        recorded: 7,
        open: { E_ITEM_NO_TYPE: 1 },
        done: { E_ITEM_NO_TYPE: 4, E_PARENT_MISSING: 2 },
        problem: null,
      },
    ],
    indexProblems: [],
    subscriptions: [{ name: SUBSCRIPTION, seenSince: minute(0) }],
    backlog: null,
    drainedForSeconds: 60,
    verifiedWithinSeconds: 3600,
  };
  const file = (index: number): RunFile => ({
    file: `gs://b/AWSDynamoDB/01712345678901-deadbeef/data/${"abcdefghijklmnopqrstuvwxyz".slice(index)}${hostile}.json.gz`,
    md5: "q3wOyZ5yNpnhB0u1yZ6s0A==",
    ...{ expected: 800_000, read: 800_000, written: 756_404, stale: 41_402, filtered: 2_187, deadLettered: 7 },
  });
  return {
    database: `projects/p/instances/i/databases/orders${hostile}`,
    status: statusReport(facts, judge(facts), []),
    runs,
    files: { files: [file(0), file(1), file(2)], leftOut: 0 },
  };
}
