import { expect } from "chai";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import type { ApplyOutcome } from "../../spanner/apply-transaction";
import { CommitRefused } from "../../spanner/commit-refused";
import type { RowErrorCode } from "../../spanner/error-class";
import { closeChangeLedger, openChangeLedger } from "../../transforms/change-ledger";
import type { StreamedChange } from "../../transforms/change-message";
import { settleChanges } from "../../transforms/settle-changes";

const plan = planMigration(
  parseMapping(
    JSON.stringify({
      source: { table: "Items", partitionKey: "Id" },
      tables: [{ name: "Items", primaryKey: ["Id"], columns: { Id: { type: "STRING(64)" } } }],
    }),
    "mapping.json",
  ),
);

const NOW = new Date("2026-01-01T00:10:00Z");

function change(waitingSince: string | null): StreamedChange {
  const data = Buffer.from("{}").toString("base64");
  const message = { messageId: "m1", publishTime: "2026-01-01T00:00:00Z", data, attributes: {}, waitingSince };
  const row = ["a"];
  return { table: 0, key: row, row, sequenceNumber: "7".padStart(40, "0"), changedAt: null, message, shard: "0" };
}

function outcomeOf(parts: Partial<ApplyOutcome<StreamedChange>>): ApplyOutcome<StreamedChange> {
  const counts = { keptParents: 0, createdParents: 0, removedParents: 0, transactions: 0 };
  return { applied: [], stale: [], superseded: [], waiting: [], undecided: [], failed: [], ...counts, ...parts };
}

/** What becomes of one change: its dead letter's code, or since when it waits. */
function settled(outcome: ApplyOutcome<StreamedChange>): { readonly letters: string[]; readonly since: string[] } {
  const runId = "settle-changes.test";
  const ledger = openChangeLedger(runId);
  closeChangeLedger(runId);
  const letters = settleChanges(plan, outcome, ledger, { parentWaitSeconds: 60, now: NOW });
  expect(ledger.total.waiting + letters.length).to.equal(1);
  return { letters: letters.map(({ code }) => code), since: [...ledger.waitingSince.values()] };
}

const refused = (code: RowErrorCode, waitingSince: string | null) =>
  settled(outcomeOf({ failed: [{ change: change(waitingSince), error: new CommitRefused(code, "no") }] }));

describe("settleChanges", () => {
  it("lets a change wait for its parent for the time given, and no longer", () => {
    const later = (since: string | null) => settled(outcomeOf({ waiting: [change(since)] }));
    expect(later(null)).to.deep.equal({ letters: [], since: [NOW.toISOString()] });
    expect(later("2026-01-01T00:09:01Z")).to.deep.equal({ letters: [], since: ["2026-01-01T00:09:01Z"] });
    expect(later("2026-01-01T00:09:00Z")).to.deep.equal({ letters: ["E_PARENT_MISSING"], since: [] });
  });

  for (const code of ["E_SPANNER_UNIQUE_INDEX", "E_SPANNER_REFERENCE_MISSING"] as const) {
    it(`lets a change wait too that another row's change may make possible (${code})`, () => {
      expect(refused(code, null)).to.deep.equal({ letters: [], since: [NOW.toISOString()] });
      expect(refused(code, "2026-01-01T00:09:01Z").letters).to.deep.equal([]);
      expect(refused(code, "2026-01-01T00:09:00Z").letters).to.deep.equal([code]);
    });
  }

  it("does not wait where no other row is to blame", () => {
    expect(refused("E_SPANNER_ROW_REFUSED", null).letters).to.deep.equal(["E_SPANNER_ROW_REFUSED"]);
  });
});
