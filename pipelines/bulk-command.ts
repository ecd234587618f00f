import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { dataflowOptionNames } from "./dataflow-options";
import { setEngineFlags } from "./engine-flags";
import { commonOptions, pickOptions, targetOptions } from "./options";

const bulkOptions = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "input",
  "manifest",
  "source-table",
  "full-export-time",
  "exclusive",
  "restart",
  "record-interval",
  "sort-by-key",
  "commits-in-flight",
  "runner",
  "job-endpoint",
  "flink-master",
  "parallelism",
  "worker-command",
  "worker-environment",
  "worker-pool",
  ...dataflowOptionNames,
  "dead-letters",
  "summary",
] as const);

type BulkOptions = InferredOptionTypes<typeof bulkOptions>;
export type BulkArguments = ArgumentsCamelCase<BulkOptions>;

/** `bulk`: loads a full DynamoDB export into Spanner. */
export function bulkCommand(setExitCode: (code: number) => void): CommandModule<object, BulkOptions> {
  return {
    command: "bulk",
    describe: "Load a DynamoDB export into Spanner and prove it by the export's manifest",
    builder: (parser) => parser.options(bulkOptions),
    handler: async (argv) => {
      // Before the modules: what their start needs would make the space of young objects grow.
      setEngineFlags();
      // Loaded here, so that --help and usage errors do not wait for the Beam SDK and the Spanner client.
      const { runBulk } = await import("./run-bulk.js");
      setExitCode(await runBulk(argv));
    },
  };
}
