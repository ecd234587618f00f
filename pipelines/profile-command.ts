import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions } from "./options";

const profileOptions = {
  ...pickOptions([
    ...commonOptions,
    "input",
    "manifest",
    "out",
    "replace",
    "table",
    "partition-key",
    "sort-key",
    "dialect",
    "report",
    "examples",
  ] as const),
  /** `verify` counts in per cent under the same name: there a share is what matters, here a number that is enough. */
  sample: {
    type: "number",
    requiresArg: true,
    group: "Source:",
    describe: "Read so many items only, from all data files (default: the whole export, proven by its manifest)",
  },
} as const;

type ProfileOptions = InferredOptionTypes<typeof profileOptions>;
export type ProfileArguments = ArgumentsCamelCase<ProfileOptions>;

/** `profile`: reads an export and writes a mapping, with the evidence. */
export function profileCommand(setExitCode: (code: number) => void): CommandModule<object, ProfileOptions> {
  return {
    command: "profile",
    describe: "Read a DynamoDB export, propose a mapping that takes every item of it, and show why",
    builder: (parser) => parser.options(profileOptions),
    handler: async (argv) => {
      const { runProfile } = await import("./run-profile.js");
      setExitCode(await runProfile(argv));
    },
  };
}
