import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions, targetOptions } from "./options";

const replayOptions = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "source-table",
  "dead-letters",
  "expired-items",
  "commits-in-flight",
  "summary",
] as const);

type ReplayOptions = InferredOptionTypes<typeof replayOptions>;
export type ReplayArguments = ArgumentsCamelCase<ReplayOptions>;

/** `replay`: puts dead letters through again. */
export function replayCommand(setExitCode: (code: number) => void): CommandModule<object, ReplayOptions> {
  return {
    command: "replay",
    describe: "Put dead letters through again, after the mapping was mended or a parent's row has come",
    builder: (parser) => parser.options(replayOptions),
    handler: async (argv) => {
      const { runReplay } = await import("./run-replay.js");
      setExitCode(await runReplay(argv));
    },
  };
}
