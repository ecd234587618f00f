import { heading, say } from "../demo/narration";
import { localServers, startLocalServers } from "../emulators/local-servers";
import { createInstanceAndDatabase } from "../emulators/spanner-database";
import { rehearse } from "./rehearse";
import type { RehearsalSettings } from "./settings";

/**
 * Rehearses a whole migration on this machine's local servers.
 * @throws MigrationError E_EMULATOR_… for a server that can't be had, E_REHEARSAL_FAILED
 */
export async function runRehearsal(settings: RehearsalSettings): Promise<void> {
  heading("Start the local servers: Spanner, Pub/Sub, DynamoDB");
  const servers = await startLocalServers(["spanner", "pubsub", "dynamodb"]);
  try {
    const [missing] = servers.missing;
    if (missing !== undefined) throw missing.error;
    Object.assign(process.env, servers.environment);
    for (const [name, address] of servers.addresses) say(`${localServers[name].name} at ${address}`);
    await createInstanceAndDatabase(settings.target);
    await rehearse(settings);
    heading("The rehearsal is over");
    say(`What was written lies in ${settings.folder}/. The steps, for your own table: docs/cut-over.md`);
  } finally {
    await servers.stop();
  }
}
