import { reportFailure } from "../../pipelines/failure";
import { type LocalServerName, localServers, startLocalServers } from "./local-servers";
import { createInstanceAndDatabase } from "./spanner-database";

/**
 * `make emulators`: starts what this machine can have, prints the variables that other commands need (to standard
 * output, everything else goes to standard error) and runs until Ctrl-C.
 */

const target = { project: "local-project", instance: "local-instance", database: "migration" } as const;

async function main(): Promise<void> {
  // Before the Spanner client adds handlers of its own, which swallow the signal.
  const interrupted = firstSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const servers = await Promise.race([startLocalServers(Object.keys(localServers) as LocalServerName[]), interrupted]);
  if (typeof servers === "string") process.exit(0);
  Object.assign(process.env, servers.environment);
  for (const { server, error } of servers.missing) {
    process.stderr.write(`${localServers[server].name}: not started. ${error.message}\n${error.details.join("\n")}\n`);
  }
  if (servers.addresses.size === 0) process.exit(1);
  if (servers.addresses.has("spanner")) await createInstanceAndDatabase(target);
  const variables = {
    ...servers.environment,
    // Names that the Makefile takes as well.
    GOOGLE_CLOUD_PROJECT: target.project,
    INSTANCE: target.instance,
    DATABASE: target.database,
  };
  for (const [name, value] of Object.entries(variables)) process.stdout.write(`export ${name}=${value}\n`);
  process.stderr.write("Running until Ctrl-C; paste the lines above into another terminal.\n");
  // A running server does not keep the process alive, nor does a promise.
  const alive = setInterval(() => {}, 60_000);
  await interrupted;
  clearInterval(alive);
  await servers.stop();
  process.exit(0);
}

function firstSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(signal));
  });
}

void main().catch((error: unknown) => process.exit(reportFailure(error)));
