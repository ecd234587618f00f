import "apache-beam";
import { expect } from "chai";
import type { AsyncDoFn } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { registerForWorkers } from "../../beam/worker-module";
import { compileRowIdentity } from "../../schema/row-identity";
import { padSequenceNumber } from "../../schema/sequence-number";
import { closeChangeLedger, openChangeLedger } from "../../transforms/change-ledger";
import type { StreamedChange } from "../../transforms/change-message";
import { type ChangeGroup, NewestPerItem, newestOf } from "../../transforms/newest-per-item";
import { threeLevelPlan } from "../support/replication-history";

const plan = threeLevelPlan({ onDelete: "NO ACTION", createParent: false });

function change(key: readonly string[], number: bigint): StreamedChange {
  const message = { messageId: `${key}-${number}`, publishTime: "", data: "", attributes: {}, waitingSince: null };
  const sequenceNumber = padSequenceNumber(number);
  return { table: key.length - 1, key, row: null, sequenceNumber, changedAt: null, message, shard: "1" };
}

const collected: ChangeGroup[] = [];

class Collect implements AsyncDoFn<ChangeGroup, never> {
  process(group: ChangeGroup): void {
    collected.push(group);
  }
}

registerForWorkers("test/transforms/newest-per-item.test", { Collect });

describe("newest per item", () => {
  it("keeps the newest of each row as integers go, and counts the others", () => {
    const changes = [
      change(["a"], 999n),
      change(["a"], 1000n),
      change(["b"], 5n),
      change(["a"], 99n),
      change(["b"], 5n),
    ];
    const { newest, superseded } = newestOf(plan, compileRowIdentity(plan), changes);
    expect(newest.map(({ message }) => message.messageId)).to.deep.equal(["a-1000", "b-5"]);
    expect(superseded).to.equal(3);
  });

  it("tells rows of several tables and of several parts apart", () => {
    const changes = [change(["a"], 1n), change(["a", "b"], 2n), change(["a", "b", "c"], 3n), change(["a,b", ""], 4n)];
    expect(newestOf(plan, compileRowIdentity(plan), changes).newest).to.have.lengthOf(4);
  });

  it("puts parents before what lies in them", () => {
    const changes = [change(["a", "b", "c"], 3n), change(["z", "b"], 2n), change(["z"], 4n), change(["a"], 1n)];
    const { newest } = newestOf(plan, compileRowIdentity(plan), changes);
    expect(newest.map(({ key }) => key.join("/"))).to.deep.equal(["a", "z", "z/b", "a/b/c"]);
  });

  it("groups by shard in a pipeline, and changes nothing of what it keeps", async () => {
    const runId = "newest-per-item.test";
    const key = ["a"];
    const row = ["a", null];
    const kept: StreamedChange = { ...change(key, 2n), row, changedAt: "2026-01-01T00:00:00.000Z" };
    const other: StreamedChange = { ...change(["b"], 3n), shard: "2" };
    await runDirect((root) => {
      root
        .apply(createElements("Changes", [change(key, 1n), kept, other]))
        .apply(asyncParDo(new NewestPerItem(runId, plan)))
        .apply(asyncParDo(new Collect()));
    });
    expect(collected).to.have.deep.members([
      { shard: "1", changes: [kept] },
      { shard: "2", changes: [other] },
    ]);
    expect(openChangeLedger(runId).total.superseded).to.equal(1);
    closeChangeLedger(runId);
  });
});
