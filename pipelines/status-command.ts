import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions, targetOptions } from "./options";

const picked = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "subscription",
  "dead-letters",
  "drained-for",
  "verified-within",
  "json",
] as const);

/** A stream that has run has recorded which it was. */
const statusOptions = { ...picked, subscription: { ...picked.subscription, demandOption: false } } as const;

type StatusOptions = InferredOptionTypes<typeof statusOptions>;
export type StatusArguments = ArgumentsCamelCase<StatusOptions>;

/** `status`: where a migration stands, and whether it may be cut over. */
export function statusCommand(setExitCode: (code: number) => void): CommandModule<object, StatusOptions> {
  return {
    command: "status",
    describe: "Say where the migration stands, and whether the application may be switched to Spanner: GO or NO-GO",
    builder: (parser) => parser.options(statusOptions),
    handler: async (argv) => {
      const { runStatus } = await import("./run-status.js");
      setExitCode(await runStatus(argv));
    },
  };
}
