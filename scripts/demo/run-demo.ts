import { Spanner } from "@google-cloud/spanner";
import { type LocalServerName, localServers, type RunningServers, startLocalServers } from "../emulators/local-servers";
import { createInstanceAndDatabase } from "../emulators/spanner-database";
import { migrateExport } from "./export-only-migration";
import { migrateLive } from "./live-migration";
import { heading, say } from "./narration";
import { demo } from "./settings";

/**
 * A whole migration on this machine. What the machine lacks makes it shorter: without DynamoDB Local or the Pub/Sub
 * emulator, only an export is loaded.
 * @returns the exit code
 */
export async function runDemo(): Promise<number> {
  heading("Start the local servers: Spanner, Pub/Sub, DynamoDB");
  const servers = await startLocalServers(["spanner", "pubsub", "dynamodb"]);
  const spannerMissing = servers.missing.find(({ server }) => server === "spanner");
  if (spannerMissing !== undefined) throw spannerMissing.error;
  Object.assign(process.env, servers.environment);
  try {
    for (const [name, address] of servers.addresses) say(`${localServers[name].name} at ${address}`);
    await createInstanceAndDatabase(demo.target);
    return await migrate(servers);
  } finally {
    await servers.stop();
  }
}

async function migrate(servers: RunningServers): Promise<number> {
  const spanner = new Spanner({ projectId: demo.target.project });
  const database = spanner.instance(demo.target.instance).database(demo.target.database);
  try {
    const exitCode = await (servers.missing.length === 0 ? migrateLive() : migrateExport(database));
    for (const { server, error } of servers.missing) explainMissing(server, [error.message, ...error.details]);
    if (exitCode === 0) whatNext();
    return exitCode;
  } finally {
    await database.close();
    spanner.close();
  }
}

function explainMissing(server: LocalServerName, reasons: readonly string[]): void {
  heading(`Left out: replication, for want of ${localServers[server].name}`);
  for (const reason of reasons) say(reason);
}

function whatNext(): void {
  heading("What next");
  say(`What was written lies in ${demo.folder}/: the export, the summaries.`);
  say(`Your own table: write a mapping like ${demo.mapping} (docs/mapping.md), then follow the README.`);
  say("A playground: `make emulators` starts the servers and prints what to export.");
}
