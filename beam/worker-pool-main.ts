#!/usr/bin/env node
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { MigrationError } from "../errors/migration-error";
import { startWorkerPool } from "./worker-pool";

const HELP = `dynamodb-to-spanner-worker-pool [--host localhost] [--port 50000]

Starts workers for the Flink TaskManager of this machine (bulk --worker-environment external; docs/flink.md), until
it is ended. Whoever reaches its port can start workers: leave it at localhost.
`;

/** The pool's command: one for each machine that runs TaskManagers. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "localhost" },
      port: { type: "string", default: "50000" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`--port ${values.port} is no port`);
  const pool = await startWorkerPool({ host: values.host, port });
  console.error(`worker pool on ${hostname()}: ${values.host}:${pool.port}`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await pool.stop();
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isUsage = error instanceof TypeError;
    console.error(
      error instanceof MigrationError ? `${error.code}: ${error.message}` : isUsage ? error.message : error,
    );
    process.exit(isUsage ? 2 : 1);
  },
);
