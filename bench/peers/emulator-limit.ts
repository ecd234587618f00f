import { encodeCommitRequest, type RowMutation, writeTarget } from "../../spanner/commit-request";
import { closeAllConnections, openSpanner } from "../../spanner/connection";
import { RowEncoder } from "../../spanner/row-encoder";
import { withSession } from "../../spanner/sessions";
import { exportLines } from "./export-lines";
import { type PlainItem, type PlainRow, tutorialRow } from "./plain-rows";

/**
 * As fast as a server takes rows of `tutorial` items: all commits are encoded before the first is sent, and each is sent when
 * the one before it is answered, for the emulator runs one transaction at a time. Prints the seconds from the first commit
 * to the last answer.
 *
 *     node emulator-limit.js EXPORT PROJECT INSTANCE DATABASE
 */
const TABLE = "Migration";
const COLUMNS = ["Username", "PointsEarned", "ReminderDate", "Subscribed", "Zipcode"] as const;
/** As many as `bulk` has in a block of these items. */
const ROWS_PER_COMMIT = 2400;
const TIMEOUT_MILLISECONDS = 60_000;

async function main([folder = "", project = "", instance = "", database = ""]: readonly string[]): Promise<void> {
  const mutations: RowMutation[] = [];
  const rows: PlainRow[] = [];
  for await (const lines of exportLines(folder)) {
    for (const line of lines) {
      rows.push(tutorialRow((JSON.parse(line) as { Item: PlainItem }).Item));
      if (rows.length >= ROWS_PER_COMMIT) mutations.push(encode(rows.splice(0)));
    }
  }
  mutations.push(encode(rows));
  const { sessions, sendCommit } = await openSpanner({ project, instance, database });
  const seconds = await withSession(sessions, async (session) => {
    const requests = mutations.map((mutation) => encodeCommitRequest(session, { kind: "singleUse" }, [mutation]));
    const started = performance.now();
    for (const request of requests) await sendCommit(session, request, TIMEOUT_MILLISECONDS);
    return (performance.now() - started) / 1000;
  });
  await closeAllConnections();
  console.log(seconds);
}

/** In the order of the key, as `bulk` writes them. */
function encode(rows: readonly PlainRow[]): RowMutation {
  const encoder = new RowEncoder(1);
  const keyOf = (row: PlainRow): string => String(row[COLUMNS[0]]);
  for (const row of rows.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))) {
    encoder.appendRow(
      COLUMNS.map((column) => row[column] ?? null),
      0,
    );
  }
  const { count } = encoder;
  return {
    operation: "insertOrUpdate",
    target: writeTarget(TABLE, COLUMNS),
    rows: encoder.finish(),
    from: 0,
    to: count,
  };
}

void main(process.argv.slice(2));
