import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions } from "./options";

const picked = pickOptions([
  ...commonOptions,
  "input",
  "source-table",
  "scan-segments",
  "manifest",
  "out",
  "replace",
  "table",
  "partition-key",
  "sort-key",
  "dialect",
  "report",
  "examples",
] as const);

const profileOptions = {
  ...picked,
  input: { ...picked.input, demandOption: false },
  "source-table": {
    ...picked["source-table"],
    describe:
      "Read some items of this live DynamoDB table, in place of an export (AWS_REGION, AWS_ENDPOINT_URL … apply)",
  },
  /** `verify` counts in per cent under the same name: there a share is what matters, here a number that is enough. */
  sample: {
    type: "number",
    requiresArg: true,
    group: "Source:",
    describe: "Read so many items only (default: the whole export, proven by its manifest; 10,000 of a live table)",
  },
} as const;

type ProfileOptions = InferredOptionTypes<typeof profileOptions>;
export type ProfileArguments = ArgumentsCamelCase<ProfileOptions>;

/** `profile`: reads an export and writes a mapping, with the evidence. */
export function profileCommand(setExitCode: (code: number) => void): CommandModule<object, ProfileOptions> {
  return {
    command: "profile",
    describe:
      "Read a DynamoDB export or some of a live table, propose a mapping that takes every item of it, and show why",
    builder: (parser) => parser.options(profileOptions),
    handler: async (argv) => {
      const { runProfile } = await import("./run-profile.js");
      setExitCode(await runProfile(argv));
    },
  };
}
