import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions, targetOptions } from "./options";

const picked = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "input",
  "manifest",
  "source-table",
  "scan-segments",
  "sample",
  "recheck",
  "repair",
  "dry-run",
  "delete-extra",
  "differences",
  "summary",
] as const);

const verifyOptions = { ...picked, input: { ...picked.input, demandOption: false } } as const;

type VerifyOptions = InferredOptionTypes<typeof verifyOptions>;
export type VerifyArguments = ArgumentsCamelCase<VerifyOptions>;

/** `verify`: compares every item of an export or a live table with its row. */
export function verifyCommand(setExitCode: (code: number) => void): CommandModule<object, VerifyOptions> {
  return {
    command: "verify",
    describe: "Compare every item of an export or a live table with its row in Spanner, column by column",
    builder: (parser) => parser.options(verifyOptions),
    handler: async (argv) => {
      const { runVerify } = await import("./run-verify.js");
      setExitCode(await runVerify(argv));
    },
  };
}
