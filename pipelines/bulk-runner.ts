import { directLauncher } from "../beam/direct-runner";
import { flinkLauncher } from "../beam/flink-launcher";
import type { Launcher } from "../beam/launcher";
import type { CountsFile } from "../transforms/write-counts";
import type { BulkArguments } from "./bulk-command";
import { openDataflowLauncher } from "./dataflow-runner";
import { log } from "./log";

/** Where the passes of a bulk load run. */
export interface BulkRunner {
  /** False: a pass that has been started is left alone, and nothing is known of its end. */
  readonly waits: boolean;
  /** @param pass a name that no other job has */
  launcher(pass: string): Launcher;
  /** Where a pass leaves its counts, if it can't share this process's ledger. */
  countsFile(pass: string): CountsFile | undefined;
}

/**
 * Environment variables of this process that workers need as well, where they are set: which servers are meant.
 * Credentials are not among them: each machine has its own.
 */
const WORKER_VARIABLES = [
  "SPANNER_EMULATOR_HOST",
  "STORAGE_EMULATOR_HOST",
  "PUBSUB_EMULATOR_HOST",
  "GOOGLE_CLOUD_PROJECT",
  "METADATA_SERVER_DETECTION",
  "SPANNER_DISABLE_BUILTIN_METRICS",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS",
] as const;

/** @param sharedFolder a folder that workers and this process can write to */
export function openBulkRunner(argv: BulkArguments, sharedFolder: string): BulkRunner {
  switch (argv.runner) {
    case "flink":
      return onFlink(argv, sharedFolder);
    case "dataflow":
      return {
        waits: argv.wait,
        launcher: (pass) => openDataflowLauncher(argv, pass, "cancel"),
        countsFile: countsFileIn(sharedFolder),
      };
    default:
      return { waits: true, launcher: () => directLauncher, countsFile: () => undefined };
  }
}

function countsFileIn(folder: string): (pass: string) => CountsFile {
  return (pass) => ({ folder, name: `counts/${pass}.json` });
}

function onFlink(argv: BulkArguments, sharedFolder: string): BulkRunner {
  const { jobEndpoint, flinkMaster, parallelism, workerCommand } = argv;
  const workerPool = argv.workerEnvironment === "external" ? argv.workerPool : undefined;
  return {
    waits: true,
    launcher(pass) {
      const jobName = `dynamodb-to-spanner-${pass}`;
      log.info(`Flink job ${jobName}: http://${flinkMaster}`);
      const workerEnvironment = workerVariables();
      const workers = { workerCommand, workerPool, workerEnvironment };
      return flinkLauncher({ jobEndpoint, flinkMaster, parallelism, jobName, ...workers });
    },
    countsFile: countsFileIn(sharedFolder),
  };
}

function workerVariables(): Record<string, string> {
  const entries = WORKER_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
