import type { Options as YargsOption } from "yargs";
import { dataflowOptions, dataflowStreamOptions } from "./dataflow-options";
import { flinkOptions } from "./flink-options";
import type { Option } from "./option";

const TARGET = "Spanner target:";
const SOURCE = "Source:";
const RUN = "Run:";
const OUTPUT = "Output:";

/**
 * Every option of every command, declared once: type, default, environment variable and help text.
 * The command line, `--config` files, `--help` and docs/options.md all come from here.
 */
export const options = {
  mapping: {
    type: "string",
    demandOption: true,
    group: SOURCE,
    describe: "The mapping file: which attribute becomes which column (docs/mapping.md)",
  },
  input: {
    type: "string",
    demandOption: true,
    group: SOURCE,
    describe:
      "The DynamoDB export: gs://bucket/prefix or a local folder that is, holds or lies above AWSDynamoDB/<id>; for bulk also incremental exports, alone or with the full one (docs/incremental.md)",
  },
  manifest: {
    type: "boolean",
    default: true,
    group: SOURCE,
    describe: "Check the export against its manifest; --no-manifest reads a folder of *.json.gz files, unproven",
  },
  "source-table": {
    type: "string",
    group: SOURCE,
    describe:
      "verify: compare with this live DynamoDB table, in place of an export; bulk, replay: read from it the items of incremental exports whose order no time tells (AWS_REGION, AWS_ENDPOINT_URL … apply)",
  },
  "full-export-time": {
    type: "string",
    group: SOURCE,
    describe:
      "Incremental exports alone: the exportTime of the full export that the tables were loaded from (its manifest-summary.json has it)",
  },
  "scan-segments": {
    type: "number",
    minimum: 1,
    integer: true,
    default: 4,
    group: SOURCE,
    describe: "Parts of the source table that are scanned at once",
  },
  sample: {
    type: "number",
    minimum: 0,
    default: 100,
    group: RUN,
    describe:
      "Per cent of the rows that are compared, chosen by their keys: a quick look, no proof (profile: a number of items, see there)",
  },
  repair: {
    type: "boolean",
    default: false,
    group: RUN,
    describe: "Write the rows that differ or are missing, never over a newer change; then compare them again",
  },
  "dry-run": {
    type: "boolean",
    default: false,
    group: RUN,
    describe: "With --repair: only say what would be written",
  },
  "delete-extra": {
    type: "boolean",
    default: false,
    group: RUN,
    describe: "With --repair: remove rows that no item explains",
  },
  recheck: {
    type: "number",
    minimum: 0,
    group: RUN,
    describe:
      "Seconds for which differences are looked at again before they are reported; more than the stream's lag (default: 120 with --source-table, 5 with --input)",
  },
  out: { type: "string", demandOption: true, group: OUTPUT, describe: "The mapping file to write" },
  replace: { type: "boolean", default: false, group: OUTPUT, describe: "Write over the file of --out if it exists" },
  table: {
    type: "string",
    group: SOURCE,
    describe: "Name of the DynamoDB table (default: as the export's manifest says)",
  },
  "partition-key": {
    type: "string",
    group: SOURCE,
    describe: "Attribute that is the table's partition key (default: guessed, as an export does not say)",
  },
  "sort-key": {
    type: "string",
    implies: "partition-key",
    group: SOURCE,
    describe: "Attribute that is the table's sort key, if it has one",
  },
  report: { type: "string", group: OUTPUT, describe: "Write the evidence to this HTML file as well" },
  examples: {
    type: "boolean",
    default: false,
    group: OUTPUT,
    describe: "Show some values of the items in the report: they are the users' data",
  },
  subscription: {
    type: "string",
    demandOption: true,
    group: SOURCE,
    describe: "Pub/Sub subscription that holds the changes, made before the export began: its name, or projects/…",
  },
  window: {
    type: "number",
    minimum: 0.1,
    default: 60,
    group: RUN,
    describe:
      "Seconds for which changes are collected before the newest of each item are applied (Dataflow decides that itself)",
  },
  "window-messages": {
    type: "number",
    minimum: 1,
    integer: true,
    default: 10_000,
    group: RUN,
    describe: "Messages that close a window before its time",
  },
  "stop-when-idle": {
    type: "number",
    minimum: 0,
    group: RUN,
    describe: "End when nothing has arrived for so many seconds (default: go on for ever)",
  },
  "parent-wait": {
    type: "number",
    minimum: 0,
    default: 600,
    group: RUN,
    describe: "Seconds for which a change waits for the row it is interleaved in, before it becomes a dead letter",
  },
  "expired-items": {
    type: "string",
    choices: ["delete", "ignore"],
    default: "delete",
    group: RUN,
    describe: "What to do with deletes by DynamoDB's Time to Live",
  },
  "drained-for": {
    type: "number",
    minimum: 0,
    default: 60,
    group: RUN,
    describe: "Seconds for which no message may have come at the stream's end, for a GO",
  },
  "verified-within": {
    type: "number",
    minimum: 0,
    default: 3600,
    group: RUN,
    describe: "Seconds that the newest verification may be old, for a GO",
  },
  "sort-by-key": {
    type: "boolean",
    default: true,
    group: RUN,
    describe:
      "Write the rows of a commit in the order of their keys, so that it touches few of Spanner's splits; --no-sort-by-key saves about a tenth of the CPU time",
  },
  exclusive: {
    type: "boolean",
    default: false,
    group: RUN,
    describe: "Nothing writes to the source table: rows overwrite what is there, without a look at versions (faster)",
  },
  restart: {
    type: "boolean",
    default: false,
    group: RUN,
    describe: "Forget what earlier runs of a load into these tables have finished, and load every item anew",
  },
  "record-interval": {
    type: "number",
    minimum: 0,
    default: 10,
    group: RUN,
    describe: "Seconds from one record of what is finished to the next; a load that is killed does so much again",
  },
  project: {
    type: "string",
    environment: "GOOGLE_CLOUD_PROJECT",
    demandOption: true,
    group: TARGET,
    describe: "Google Cloud project of the Spanner instance [environment: GOOGLE_CLOUD_PROJECT]",
  },
  instance: { type: "string", demandOption: true, group: TARGET, describe: "Spanner instance" },
  database: { type: "string", demandOption: true, group: TARGET, describe: "Spanner database" },
  "spanner-timeout": {
    type: "number",
    minimum: 0.1,
    default: 30,
    group: TARGET,
    describe:
      "Seconds after which a Spanner that does not answer is an error; later on, a request without an answer is sent again after as long (10 to 60 s)",
  },
  dialect: {
    type: "string",
    choices: ["googlesql", "postgresql"],
    default: "googlesql",
    group: TARGET,
    describe: "SQL dialect of the database",
  },
  "tombstone-days": {
    type: "number",
    minimum: 1,
    integer: true,
    group: TARGET,
    describe:
      "Days for which version tables remember deleted items (default 30; never less than the subscription keeps messages)",
  },
  "commits-in-flight": {
    type: "number",
    minimum: 1,
    integer: true,
    group: TARGET,
    describe: "Commits under way at once on one worker (default: 1 against the emulator, 16 elsewhere)",
  },
  runner: {
    type: "string",
    choices: ["direct", "flink", "dataflow"],
    default: "direct",
    group: RUN,
    describe:
      "The Beam runner: this process, a Flink cluster (docs/flink.md), or Google Cloud Dataflow (docs/dataflow.md)",
  },
  ...flinkOptions,
  ...dataflowOptions,
  ...dataflowStreamOptions,
  config: {
    type: "string",
    group: RUN,
    describe: "File with any of these options, as JSON or YAML; flags win",
  },
  "dead-letters": {
    type: "string",
    default: "dead-letters",
    group: OUTPUT,
    describe: "Folder (local or gs://) for the items that could not be written, one JSON line each",
  },
  summary: { type: "string", group: OUTPUT, describe: "Write the final counts to this JSON file" },
  json: { type: "boolean", default: false, group: OUTPUT, describe: "Print the result as JSON" },
  differences: {
    type: "string",
    group: OUTPUT,
    describe: "Write every difference to this file, as JSON Lines: table, key, column, expected, found",
  },
  "log-level": {
    type: "string",
    choices: ["debug", "info", "warn", "error"],
    default: "info",
    group: OUTPUT,
    describe: "Least severe message that is shown",
  },
  quiet: { type: "boolean", default: false, group: OUTPUT, describe: "Show errors and the final table only" },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** The options that name the Spanner database; every command that talks to Spanner takes them. */
export const targetOptions = ["project", "instance", "database", "spanner-timeout"] as const;

/** The options that every command takes. */
export const commonOptions = ["config", "log-level", "quiet"] as const;

/** The declarations of the named options, in the form in which yargs takes them. */
export function pickOptions<Name extends OptionName>(names: readonly Name[]): Pick<typeof options, Name> {
  return Object.fromEntries(
    names.map((name) => {
      const { environment, minimum, integer, ...option }: Option = options[name];
      const fromEnvironment = environment === undefined ? "" : (process.env[environment] ?? "");
      return [
        name,
        {
          ...option,
          ...(fromEnvironment === "" ? {} : { default: fromEnvironment }),
          requiresArg: option.type !== "boolean",
        },
      ];
    }),
  ) as unknown as Pick<typeof options, Name>;
}

/**
 * The options that may stand before the command's name. Commands declare them once more, with the values that they
 * permit: declared in both places, the parser would list those twice.
 */
export function leadingOptions(): Record<string, YargsOption> {
  const { "log-level": level, ...others } = pickOptions(commonOptions);
  const { choices: _, ...levelWithoutChoices } = level;
  return { ...others, "log-level": levelWithoutChoices };
}

/** What is wrong with the numbers among the values of options, which the parser takes as they come. */
export function numberMistakes(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options).flatMap(([name, option]: [string, Option]) => {
    const value = values[name];
    if (option.type !== "number" || value === undefined) return [];
    const { minimum = 0, integer = false } = option;
    const fits =
      typeof value === "number" && value >= minimum && (integer ? Number.isSafeInteger(value) : Number.isFinite(value));
    return fits ? [] : [`--${name} takes ${integer ? "an integer" : "a number"} of at least ${minimum}`];
  });
}
