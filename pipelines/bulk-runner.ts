import { directLauncher } from "../beam/direct-runner";
import { flinkLauncher } from "../beam/flink-launcher";
import type { Launcher } from "../beam/launcher";
import type { CountsFile } from "../transforms/write-counts";
import type { BulkArguments } from "./bulk-command";
import { openDataflowLauncher } from "./dataflow-runner";
import { log } from "./log";
import { workerVariables } from "./worker-variables";

/** Where the passes of a bulk load run. */
export interface BulkRunner {
  /** False: a pass that has been started is left alone, and nothing is known of its end. */
  readonly waits: boolean;
  /** @param pass a name that no other job has */
  launcher(pass: string): Launcher;
  /** Where a pass leaves its counts, if it can't share this process's ledger. */
  countsFile(pass: string): CountsFile | undefined;
}

/** @param sharedFolder a folder that workers and this process can write to */
export function openBulkRunner(argv: BulkArguments, sharedFolder: string): BulkRunner {
  switch (argv.runner) {
    case "flink":
      return onFlink(argv, sharedFolder);
    case "dataflow":
      return {
        waits: argv.wait,
        launcher: (pass) => openDataflowLauncher(argv, pass, "batch"),
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
