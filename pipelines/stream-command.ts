import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { dataflowOptionNames } from "./dataflow-options";
import { commonOptions, pickOptions, targetOptions } from "./options";

const streamOptions = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "subscription",
  "window",
  "window-messages",
  "stop-when-idle",
  "parent-wait",
  "expired-items",
  "commits-in-flight",
  "runner",
  "job-endpoint",
  "flink-master",
  "expansion-service",
  "parallelism",
  "checkpoint-interval",
  "worker-command",
  "worker-environment",
  "worker-pool",
  "java-jars",
  ...dataflowOptionNames,
  "update",
  "dead-letters",
  "summary",
] as const);

type StreamOptions = InferredOptionTypes<typeof streamOptions>;
export type StreamArguments = ArgumentsCamelCase<StreamOptions>;

/** `stream`: applies the changes that a Pub/Sub subscription holds, until it is told to stop. */
export function streamCommand(setExitCode: (code: number) => void): CommandModule<object, StreamOptions> {
  return {
    command: "stream",
    describe: "Apply the changes of a DynamoDB table, as they arrive in Pub/Sub, to Spanner",
    builder: (parser) => parser.options(streamOptions),
    handler: async (argv) => {
      const { runStream } = await import("./run-stream.js");
      setExitCode(await runStream(argv));
    },
  };
}
