import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PubSub, type Topic } from "@google-cloud/pubsub";
import { type Database, Spanner } from "@google-cloud/spanner";
import { ddlStatements } from "../../schema/ddl";
import { parseMapping } from "../../schema/mapping";
import { planMigration } from "../../schema/plan-migration";
import { createInstanceAndDatabase, type EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { runMeasured } from "../measured-process";
import { percentile } from "./pace";
import { publishChanges } from "./publish-changes";

const MAPPING = "bench/stream/changes.mapping.json";
const IDLE_SECONDS = "5";
const READY_MILLISECONDS = 200;
const READY_TRIES = 300;

export interface StreamRun {
  readonly program: "plain" | "stream";
  /** Changes a second. */
  readonly rate: number;
  readonly changes: number;
}

export interface StreamMeasurement extends StreamRun {
  readonly changesPerCpuSecond: number;
  /** From the publisher's clock before publishing to the commit timestamp, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly peakRssMb: number;
}

/**
 * Publishes changes at a rate while a program applies them, through the emulators that the environment names.
 *
 * @throws Error if not every change has been applied
 */
export async function measureStream(run: StreamRun, workFolder: string): Promise<StreamMeasurement> {
  const name = `bench-${randomBytes(4).toString("hex")}`;
  const target: EmulatorDatabase = { project: "bench", instance: "bench", database: name };
  const plan = planMigration(parseMapping(await readFile(MAPPING, "utf8"), MAPPING));
  const { tables, versionTables } = ddlStatements(plan, "googlesql");
  await createInstanceAndDatabase(target, { ddl: [...tables, ...versionTables] });
  const pubsub = new PubSub({ projectId: target.project });
  const spanner = new Spanner({ projectId: target.project });
  const database = spanner.instance(target.instance).database(target.database, { min: 0 });
  try {
    const [topic] = await pubsub.createTopic(name);
    await topic.createSubscription(name);
    topic.setPublishOptions({ batching: { maxMessages: 500, maxMilliseconds: 5 } });
    const [usage] = await Promise.all([
      runMeasured({
        words: wordsOf(run, target, name, workFolder),
        environment: {},
        usageFile: join(workFolder, "usage.json"),
      }),
      publishWhenReady(topic, run, name, () => readLatencies(database, "ready")),
    ]);
    const latencies = await readLatencies(database, name);
    if (latencies.length !== run.changes) throw new Error(`${latencies.length} of ${run.changes} changes were applied`);
    return {
      ...run,
      changesPerCpuSecond: run.changes / usage.cpuSeconds,
      latency: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
      peakRssMb: usage.peakRssMb,
    };
  } finally {
    await Promise.all([pubsub.close(), database.close()]);
    spanner.close();
  }
}

/** The start of the program is part of its CPU time, but not of the latencies: the first change waits for it alone. */
async function publishWhenReady(
  topic: Topic,
  { rate, changes }: StreamRun,
  prefix: string,
  readReady: () => Promise<readonly number[]>,
): Promise<void> {
  await publishChanges(topic, rate, 1, "ready");
  for (let tries = 0; (await readReady()).length === 0; tries++) {
    if (tries === READY_TRIES) throw new Error("the program has not applied its first change");
    await pause(READY_MILLISECONDS);
  }
  await publishChanges(topic, rate, changes, prefix);
}

function wordsOf(
  { program }: StreamRun,
  { project, instance, database }: EmulatorDatabase,
  subscription: string,
  folder: string,
): readonly string[] {
  if (program === "plain") {
    const script = join(__dirname, "../peers/plain-stream.js");
    return [script, project, instance, database, subscription, IDLE_SECONDS];
  }
  return [
    join(__dirname, "../../pipelines/main.js"),
    ...["stream", "--project", project, "--instance", instance, "--database", database, "--quiet"],
    ...["--mapping", MAPPING, "--subscription", `projects/${project}/subscriptions/${subscription}`],
    ...["--window", "1", "--stop-when-idle", IDLE_SECONDS, "--dead-letters", join(folder, "dead-letters")],
  ];
}

/** Milliseconds for each row whose key begins so. */
async function readLatencies(database: Database, prefix: string): Promise<readonly number[]> {
  const [rows] = await database.run({
    sql: `SELECT UNIX_MILLIS(v.AppliedAt) - c.PublishedAt AS Latency
      FROM Changes c JOIN Changes_Versions v ON v.Id = c.Id WHERE STARTS_WITH(c.Id, @prefix)`,
    params: { prefix },
    json: true,
  });
  return rows.map((row) => Number((row as unknown as { Latency: number }).Latency));
}
