import { expect } from "chai";
import { MigrationError } from "../../errors/migration-error";
import { setLogLevel } from "../../pipelines/log";
import { type RunState, recordRun } from "../../pipelines/run-recorder";
import type { LiveSchema } from "../../schema/live-schema";
import { planMigration } from "../../schema/plan-migration";
import { RUNS_TABLE } from "../../schema/progress-table";
import type { SpannerConnection } from "../../spanner/connection";
import { decodeRequest } from "../spanner/encoded";

const plan = planMigration({
  source: { table: "Orders", partitionKey: "Id" },
  tables: [{ name: "Orders", primaryKey: ["Id"], columns: { Id: { type: "STRING(64)" } } }],
});
const live: LiveSchema = {
  dialect: "googlesql",
  tables: [{ name: RUNS_TABLE, isView: false, columns: [], primaryKey: [], indexes: [] }],
};
const identity = { runId: "run-1", command: "bulk", plan } as const;
const state = (): RunState => ({ done: 5, counts: { read: 5 }, runner: "direct", deadLetters: null });
const PERMISSION_DENIED = 7;

interface Written {
  readonly [column: string]: string | null;
}

/** A database that remembers what is committed. */
function fakeDatabase(commit: (attempt: number) => Promise<void> = async () => undefined) {
  const written: Written[] = [];
  let attempts = 0;
  const connection = {
    databaseName: "database",
    requestMilliseconds: 1_000,
    sessions: { acquire: async () => "session", release: () => undefined, discard: () => undefined },
    async sendCommit(_session: string, request: Buffer) {
      await commit(++attempts);
      const { mutations } = decodeRequest(request) as unknown as CommittedRecord;
      const { columns, values } = mutations[0].insertOrUpdate;
      const row = values[0].values;
      written.push(Object.fromEntries(columns.map((name, index) => [name, row[index]?.stringValue ?? null])));
    },
  } as unknown as SpannerConnection;
  return { connection, written };
}

/** A commit request of one mutation of one row. */
interface CommittedRecord {
  readonly mutations: [{ insertOrUpdate: { columns: string[]; values: [{ values: { stringValue?: string }[] }] } }];
}

const refuse = async (): Promise<void> => {
  throw Object.assign(new Error("no permission"), { code: PERMISSION_DENIED });
};

describe("The record of a run", () => {
  before(() => setLogLevel("error", true));
  after(() => setLogLevel("info", false));

  it("says when the run began, that it goes on, and how it ended", async () => {
    let beats = 0;
    let beaten: () => void = () => undefined;
    const beat = new Promise<void>((resolve) => {
      beaten = resolve;
    });
    const { connection, written } = fakeDatabase(async () => {
      if (++beats === 2) beaten();
    });
    const record = recordRun(connection, live, identity, state, 5);
    await record.begun;
    expect(written).to.have.length(1);
    expect(written[0]).to.include({ RunId: "run-1", Status: "running", StartedAt: "spanner.commit_timestamp()" });
    expect(written[0]?.["EndedAt"]).to.equal(null);
    await beat;
    await record.end("failed", { failure: new MigrationError("E_SPANNER_PERMISSION", "the key 'secret'") });
    const last = written.at(-1);
    expect(written.slice(1, -1).every((each) => each["Status"] === "running" && !("StartedAt" in each))).to.equal(true);
    expect(last).to.include({ Status: "failed", EndedAt: "spanner.commit_timestamp()" });
    expect(last).to.not.have.property("StartedAt");
    expect(JSON.parse(last?.["Details"] ?? "")).to.deep.include({
      failure: "E_SPANNER_PERMISSION",
      counts: { read: 5 },
    });
    expect(JSON.stringify(written)).to.not.include("secret");
  });

  it("never fails a run, whatever Spanner says", async () => {
    const { connection, written } = fakeDatabase(refuse);
    const record = recordRun(connection, live, identity, state);
    await record.end("proven");
    expect(written).to.deep.equal([]);
  });

  it("never fails a run, whatever the run tells of itself", async () => {
    const { connection } = fakeDatabase();
    const record = recordRun(connection, live, identity, () => {
      throw new Error("unforeseen");
    });
    await record.end("proven");
  });

  it("does not take a later moment for a beginning that could not be recorded", async () => {
    const { connection, written } = fakeDatabase((attempt) => (attempt === 1 ? refuse() : Promise.resolve()));
    const record = recordRun(connection, live, identity, state);
    await record.begun;
    await record.end("proven");
    expect(written).to.have.length(1);
    expect(written[0]).to.include({ Status: "proven", StartedAt: null });
  });

  it("lets no sign of life come after the end", async () => {
    let release: () => void = () => undefined;
    let started: () => void = () => undefined;
    const inFlight = new Promise<void>((resolve) => {
      started = resolve;
    });
    const { connection, written } = fakeDatabase(async (attempt) => {
      if (attempt !== 2) return;
      started();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const record = recordRun(connection, live, identity, state, 5);
    await inFlight;
    const ended = record.end("proven");
    setTimeout(release, 20);
    await ended;
    expect(written.map((each) => each["Status"])).to.deep.equal(["running", "running", "proven"]);
  });

  it("does without its table", async () => {
    const { connection, written } = fakeDatabase();
    const record = recordRun(connection, { ...live, tables: [] }, identity, state);
    await record.end("proven");
    expect(written).to.deep.equal([]);
  });
});
