import "apache-beam";
import { expect } from "chai";
import type { AsyncDoFn } from "../../beam/async-do-fn";
import { asyncParDo } from "../../beam/async-par-do";
import { createElements } from "../../beam/create-elements";
import { runDirect } from "../../beam/direct-runner";
import { splitOutputs } from "../../beam/tagged-outputs";
import { registerForWorkers } from "../../beam/worker-module";
import { ddlStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { closeAllConnections, openSpanner, type SpannerTarget } from "../../spanner/connection";
import { ApplyChanges, type ApplyChangesOptions, defaultApplyChangesOptions } from "../../transforms/apply-changes";
import { closeChangeLedger, openChangeLedger } from "../../transforms/change-ledger";
import type { ChangeMessage } from "../../transforms/change-message";
import type { DeadLetter } from "../../transforms/dead-letter";
import { NewestPerItem } from "../../transforms/newest-per-item";
import { ParseChange, type ParseChangeOutputs } from "../../transforms/parse-change";
import { createTestDatabase } from "../support/spanner";

const customerId = { type: "STRING(64)", from: "PK", match: "^CUSTOMER#(.+)$" };
const mapping = {
  source: { table: "Shop", partitionKey: "PK", sortKey: "SK" },
  tables: [
    {
      name: "Customers",
      primaryKey: ["CustomerId"],
      when: { attribute: "SK", equals: "PROFILE" },
      columns: { CustomerId: customerId, Name: { type: "STRING(MAX)" }, Points: { type: "INT64" } },
    },
    {
      name: "Orders",
      interleaveIn: "Customers",
      primaryKey: ["CustomerId", "OrderId"],
      when: { attribute: "SK", beginsWith: "ORDER#" },
      columns: {
        CustomerId: customerId,
        OrderId: { type: "STRING(64)", from: "SK", match: "^ORDER#(.+)$" },
        Total: { type: "INT64" },
      },
    },
  ],
};
const plan = planMigration(parseMapping(JSON.stringify(mapping), "mapping.json"));

const letters: DeadLetter[] = [];

class CollectLetters implements AsyncDoFn<DeadLetter, never> {
  constructor(readonly beamName: string) {}

  process(letter: DeadLetter): void {
    letters.push(letter);
  }
}

registerForWorkers("test/transforms/apply-changes.emulator.test", { CollectLetters });

const keysOf = (customer: string, sort: string) => ({ PK: { S: `CUSTOMER#${customer}` }, SK: { S: sort } });

let messages = 0;
function message(
  eventName: string,
  keys: object,
  sequence: number,
  image?: object,
  waitingSince: string | null = null,
) {
  const NewImage = image === undefined ? {} : { NewImage: { ...keys, ...image } };
  const record = { eventName, dynamodb: { Keys: keys, SequenceNumber: `${sequence}`, ...NewImage } };
  return {
    messageId: `m${++messages}`,
    publishTime: "2026-01-01T00:00:00Z",
    data: Buffer.from(JSON.stringify(record)).toString("base64"),
    attributes: { table: "Shop" },
    waitingSince,
  } satisfies ChangeMessage;
}

let windows = 0;
/** One window of the stream: its counts, its dead letters, and which messages wait. */
async function runWindow(
  target: SpannerTarget,
  given: readonly ChangeMessage[],
  options: Partial<ApplyChangesOptions> = {},
) {
  const runId = `apply-changes.test-${++windows}`;
  letters.length = 0;
  const parse = new ParseChange(runId, plan, { dialect: "googlesql", expiredItems: "delete", shards: 4 });
  const all = { ...defaultApplyChangesOptions, transactionsInFlight: 1, ...options };
  const apply = new ApplyChanges(runId, plan, target, all);
  await runDirect((root) => {
    const parsed = root.apply(createElements("Messages", given)).apply(asyncParDo(parse));
    const { changes, deadLetters } = splitOutputs<ParseChangeOutputs>("ParseChange", parsed, [
      "changes",
      "deadLetters",
    ]);
    deadLetters.apply(asyncParDo(new CollectLetters("Unreadable")));
    const refused = changes.apply(asyncParDo(new NewestPerItem(runId, plan))).apply(asyncParDo(apply));
    refused.apply(asyncParDo(new CollectLetters("Refused")));
  });
  const { total, waitingSince } = openChangeLedger(runId);
  closeChangeLedger(runId);
  const { read, applied, stale, superseded, filtered, expired, waiting } = total;
  expect(applied + stale + superseded + filtered + expired + waiting + letters.length).to.equal(read);
  return { total, waitingSince, letters: [...letters] };
}

describe("a window of changes, from messages to the Spanner emulator", () => {
  let target: SpannerTarget;

  before(async () => {
    const ddl = ddlStatements(plan, "googlesql");
    target = await createTestDatabase([...ddl.tables, ...ddl.versionTables]);
  });
  after(closeAllConnections);

  async function rows(table: string): Promise<readonly unknown[]> {
    const [found] = await (await openSpanner(target))
      .database()
      .run({ sql: `SELECT * FROM ${table} ORDER BY 1`, json: true });
    return found;
  }

  it("puts, updates and deletes, as the tutorial does", async () => {
    const keys = keysOf("1", "PROFILE");
    await runWindow(target, [message("INSERT", keys, 10, { Name: { S: "Ann" } })]);
    expect(await rows("Customers")).to.deep.equal([{ CustomerId: "1", Name: "Ann", Points: null }]);
    await runWindow(target, [message("MODIFY", keys, 11, { Points: { N: "5" } })]);
    expect(await rows("Customers")).to.deep.equal([{ CustomerId: "1", Name: null, Points: 5 }]);
    const { total } = await runWindow(target, [
      message("REMOVE", keys, 12),
      message("MODIFY", keys, 9, { Name: { S: "old" } }),
    ]);
    expect(total).to.include({ read: 2, applied: 1, superseded: 1 });
    expect(await rows("Customers")).to.deep.equal([]);
    expect((await runWindow(target, [message("MODIFY", keys, 11, {})])).total).to.include({ stale: 1, applied: 0 });
    expect(await rows("Customers")).to.deep.equal([]);
  });

  it("writes the neighbours of what can't be read or written, and hands on dead letters for it", async () => {
    const long = "x".repeat(65);
    const { letters: refused, total } = await runWindow(target, [
      message("INSERT", keysOf("2", "PROFILE"), 20, { Name: { S: "Bob" } }),
      message("INSERT", keysOf(long, "PROFILE"), 21, {}),
      message("INSERT", keysOf("3", "PROFILE"), 22, { Points: { S: "no number" } }),
      { ...message("INSERT", keysOf("4", "PROFILE"), 23, {}), data: "e30=" },
    ]);
    expect(total).to.include({ read: 4, applied: 1 });
    expect(refused).to.have.lengthOf(3);
    expect(refused.map(({ code }) => code)).to.include("E_CHANGE_FORMAT");
    expect(JSON.stringify(refused.map((letter) => letter.message))).not.to.contain("no number");
  });

  it("lets a child wait for its parent, and gives up after the stated time", async () => {
    const order = keysOf("5", "ORDER#1");
    const child = message("INSERT", order, 31, { Total: { N: "7" } });
    const first = await runWindow(target, [child]);
    expect(first.total).to.include({ waiting: 1, applied: 0 });
    const since = first.waitingSince.get(child.messageId) ?? null;
    expect(since).to.be.a("string");
    const second = await runWindow(target, [{ ...child, waitingSince: since }]);
    expect(second.waitingSince.get(child.messageId)).to.equal(since);
    const late = new Date(Date.now() - 601_000).toISOString();
    const { letters: given } = await runWindow(target, [{ ...child, waitingSince: late }]);
    expect(given.map(({ code, table }) => ({ code, table }))).to.deep.equal([
      { code: "E_PARENT_MISSING", table: "Orders" },
    ]);
    expect(given[0]?.source).to.deep.equal({
      messageId: child.messageId,
      publishTime: child.publishTime,
      sequenceNumber: "31",
    });
    const both = await runWindow(target, [child, message("INSERT", keysOf("5", "PROFILE"), 32, {})]);
    expect(both.total).to.include({ applied: 2 });
    expect(await rows("Orders")).to.deep.equal([{ CustomerId: "5", OrderId: "1", Total: 7 }]);
  });

  it("keeps a deleted parent's row for its orders, and counts it", async () => {
    const removed = await runWindow(target, [message("REMOVE", keysOf("5", "PROFILE"), 40)]);
    expect(removed.total).to.include({ applied: 1, keptParents: 1 });
    expect(await rows("Orders")).to.have.lengthOf(1);
    const last = await runWindow(target, [message("REMOVE", keysOf("5", "ORDER#1"), 41)]);
    expect(last.total).to.include({ applied: 1, removedParents: 1 });
    expect(JSON.stringify(await rows("Customers"))).not.to.contain('"5"');
  });

  it("waits for another row's change within the bundle, where messages can't be given back", async () => {
    const here = { waiting: "in the bundle", parentWaitSeconds: 30 } as const;
    const child = message("INSERT", keysOf("late", "ORDER#1"), 81, { Total: { N: "7" } });
    const waiting = runWindow(target, [child], here);
    const { waitingSince } = await runWindow(target, [
      message("INSERT", keysOf("late", "PROFILE"), 80, { Name: { S: "Zoe" } }),
    ]);
    expect(waitingSince.size).to.equal(0);
    const applied = await waiting;
    expect(applied.total).to.include({ read: 1, applied: 1, waiting: 0 });
    expect(applied.letters).to.deep.equal([]);

    const orphan = message("INSERT", keysOf("orphan", "ORDER#1"), 82, { Total: { N: "7" } });
    const refused = await runWindow(target, [orphan], { ...here, parentWaitSeconds: 1 });
    expect(refused.total).to.include({ read: 1, applied: 0, waiting: 0 });
    expect(refused.waitingSince.size).to.equal(0);
    expect(refused.letters.map(({ code }) => code)).to.deep.equal(["E_PARENT_MISSING"]);
  });
});
