import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateSubscriptionOptions } from "@google-cloud/pubsub";
import { Spanner } from "@google-cloud/spanner";
import type { DynamoDBRecord } from "aws-lambda";
import { toMessage } from "../../lambda/src/record-message";
import type { StreamSummary } from "../../pipelines/stream-summary";
import type { EmulatorDatabase } from "../../scripts/emulators/spanner-database";
import { type DeadLetter, parseDeadLetter } from "../../transforms/dead-letter";
import { type RunningCommand, startCommand } from "../support/command-line";
import { createTestSubscription, testPubSub } from "../support/pubsub";
import { createTestDatabase } from "../support/spanner";
import { ddlOf, type TableState } from "./item-changes";

/** A message as it lies in Pub/Sub. */
export interface RawMessage {
  readonly data: Buffer;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface StreamFixture {
  readonly database: EmulatorDatabase;
  readonly topic: string;
  /** `projects/…` */
  readonly subscription: string;
  /** A folder of this test's own. */
  readonly folder: string;
  readonly deadLetters: string;
  readonly mappingFile: string;
  /**
   * The words of a `stream` command with the mapping, the database and the subscription. `name` tells several commands
   * apart by their summary files. Later words win.
   */
  words(name: string, ...more: readonly string[]): readonly string[];
  /** Starts that command; `remove` ends it if it is still running. */
  start(name: string, more?: readonly string[], environment?: NodeJS.ProcessEnv): RunningCommand;
  publish(records: readonly DynamoDBRecord[]): Promise<void>;
  publishRaw(messages: readonly RawMessage[]): Promise<void>;
  /** Rows of a query, which casts what JavaScript has no exact value for. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Rows and versions of the table `Items`. */
  itemsState(): Promise<TableState>;
  summary(name: string): Promise<StreamSummary>;
  letters(): Promise<readonly DeadLetter[]>;
  remove(): Promise<void>;
}

/** A database, a subscription and a folder of its own for the tests of a `stream` command. */
export async function createStreamFixture(
  mapping: object,
  options: { readonly subscription?: CreateSubscriptionOptions; readonly ddl?: readonly string[] } = {},
): Promise<StreamFixture> {
  const database = await createTestDatabase([...ddlOf(mapping), ...(options.ddl ?? [])]);
  const { topic, subscription } = await createTestSubscription(options.subscription ?? {});
  const folder = await mkdtemp(join(tmpdir(), "stream-"));
  const deadLetters = join(folder, "dead-letters");
  await mkdir(deadLetters);
  const mappingFile = join(folder, "mapping.json");
  await writeFile(mappingFile, JSON.stringify(mapping));
  const summaryFile = (name: string) => join(folder, `summary-${name}.json`);
  const spanner = new Spanner({ projectId: database.project });
  const client = spanner.instance(database.instance).database(database.database);
  const pubsub = await testPubSub();

  const query = async (sql: string) => {
    const [rows] = await client.run({ sql });
    return rows.map((row) => row.toJSON());
  };
  const publishRaw = async (messages: readonly RawMessage[]) => {
    const publisher = pubsub.topic(topic, { batching: { maxMessages: 1000, maxMilliseconds: 5 } });
    await Promise.all(
      messages.map(({ data, attributes = {} }) => publisher.publishMessage({ data, attributes: { ...attributes } })),
    );
  };

  const words = (name: string, ...more: readonly string[]) => [
    "stream",
    ...["--mapping", mappingFile, "--subscription", subscription],
    ...["--project", database.project, "--instance", database.instance, "--database", database.database],
    ...["--dead-letters", deadLetters, "--summary", summaryFile(name), "--window", "1"],
    ...more,
  ];
  const started: RunningCommand[] = [];

  return {
    database,
    topic,
    subscription,
    folder,
    deadLetters,
    mappingFile,
    words,
    start(name, more = [], environment = {}) {
      const command = startCommand(words(name, ...more), environment);
      started.push(command);
      return command;
    },
    publish: (records) => publishRaw(records.map(toMessage)),
    publishRaw,
    query,
    async itemsState() {
      const rows = await query("SELECT Id, CAST(Value AS STRING) AS Value, Note FROM Items ORDER BY Id");
      const versions = await query("SELECT Id, SequenceNumber, Deleted FROM Items_Versions ORDER BY Id");
      return {
        rows: rows.map((row) => ({
          id: row["Id"] as string,
          value: row["Value"] as string | null,
          note: row["Note"] as string | null,
        })),
        versions: versions.map((row) => `${row["Id"]} ${row["SequenceNumber"]} ${row["Deleted"]}`),
      };
    },
    summary: async (name) => JSON.parse(await readFile(summaryFile(name), "utf8")) as StreamSummary,
    async letters() {
      const files = (await readdir(deadLetters)).filter((file) => file.endsWith(".jsonl")).toSorted();
      const texts = await Promise.all(files.map((file) => readFile(join(deadLetters, file), "utf8")));
      return texts
        .flatMap((text) => text.split("\n").filter((line) => line !== ""))
        .map((line, index) => parseDeadLetter(line, `line ${index + 1}`));
    },
    async remove() {
      for (const { process } of started) process.kill("SIGKILL");
      await client.close();
      spanner.close();
      await pubsub.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once the condition holds. Mocha's timeout bounds the wait. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
