import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { commonOptions, pickOptions, targetOptions } from "./options";

const picked = pickOptions([
  ...commonOptions,
  ...targetOptions,
  "mapping",
  "out",
  "subscription",
  "dead-letters",
  "drained-for",
  "verified-within",
] as const);

const reportOptions = {
  ...picked,
  out: { ...picked.out, describe: "The HTML file to write; one that is there is replaced" },
  subscription: { ...picked.subscription, demandOption: false },
} as const;

type ReportOptions = InferredOptionTypes<typeof reportOptions>;
export type ReportArguments = ArgumentsCamelCase<ReportOptions>;

/** `report`: what was moved, when, and what proves it, as one HTML page. */
export function reportCommand(setExitCode: (code: number) => void): CommandModule<object, ReportOptions> {
  return {
    command: "report",
    describe: "Write a report of the migration as one HTML page: what was moved, when, and what proves it",
    builder: (parser) => parser.options(reportOptions),
    handler: async (argv) => {
      const { runReport } = await import("./run-report.js");
      setExitCode(await runReport(argv));
    },
  };
}
