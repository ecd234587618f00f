import { join } from "node:path";
import { Spanner } from "@google-cloud/spanner";
import type { ApplicationCounts } from "../demo/application";
import { startPublisher } from "../demo/live-table";
import { type BackgroundCommand, heading, say } from "../demo/narration";
import type { RehearsalSettings } from "./settings";
import { NO_GO, requireCode, step } from "./steps";

/** What runs when the cut-over begins. */
export interface RunningMigration {
  /** Aborting it stops the application. */
  readonly writers: AbortController;
  readonly application: Promise<ApplicationCounts>;
  readonly publisher: BackgroundCommand;
  readonly stream: BackgroundCommand;
}

/** Seconds without a change after which the publisher has published all that there were. */
const PUBLISHER_IDLE_SECONDS = 2;

/** The steps of docs/cut-over.md. */
export async function cutOver(settings: RehearsalSettings, running: RunningMigration): Promise<void> {
  const { config } = settings;
  heading("Cut-over 1: stop the writers");
  running.writers.abort();
  const { puts, deletes } = await running.application;
  say(`The application has made ${puts} puts and ${deletes} deletes since the subscription. Nothing writes now.`);

  heading("Cut-over 2: drain");
  await drain(settings, running);

  heading("Drained, but not proven");
  await step(["status", "--config", config], NO_GO);

  heading("Cut-over 3: verify");
  await step(["verify", "--config", config, "--source-table", settings.set.table]);

  heading("Cut-over 4: GO?");
  await step(["status", "--config", config]);
  await step(["report", "--config", config, "--out", join(settings.folder, "migration.html")]);

  heading("Cut-over 5: switch");
  await switchApplication(settings);
}

/** All changes are published, then all messages are applied. */
async function drain(settings: RehearsalSettings, { publisher, stream }: RunningMigration): Promise<void> {
  publisher.stop("SIGTERM");
  requireCode("streams", await publisher.ended);
  const rest = startPublisher(settings, "--stop-when-idle", String(PUBLISHER_IDLE_SECONDS));
  requireCode("streams", await rest.ended);
  stream.stop("SIGINT");
  requireCode("stream", await stream.ended);
  const idle = String(settings.drainSeconds);
  await step(["stream", "--config", settings.config, "--window", "1", "--stop-when-idle", idle]);
}

/** The application's first write to Spanner; the migration's own commands must not run from here on. */
async function switchApplication({ target }: RehearsalSettings): Promise<void> {
  const spanner = new Spanner({ projectId: target.project });
  const database = spanner.instance(target.instance).database(target.database);
  try {
    await database.table("Migration").upsert({ Username: "first-of-the-new-time", PointsEarned: "1" });
    const [[counted]] = await database.run({ sql: "SELECT COUNT(*) AS n FROM Migration", json: true });
    const rows = Number((counted as { readonly n: number }).n);
    say(`The application writes to Spanner now: ${rows.toLocaleString("en-US")} rows, one of them its own.`);
    say("bulk, stream, replay and verify --repair must not run any more: they would write over what it writes.");
  } finally {
    await database.close();
    spanner.close();
  }
}
