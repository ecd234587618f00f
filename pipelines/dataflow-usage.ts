import type { CamelCaseKey, InferredOptionTypes } from "yargs";
import { MigrationError } from "../errors/migration-error";
import type { MigrationPlan } from "../schema/migration-plan";
import type { BulkArguments } from "./bulk-command";
import type { dataflowOptions } from "./dataflow-options";
import type { StreamArguments } from "./stream-command";

type Values = InferredOptionTypes<typeof dataflowOptions>;

/** The values of the options of jobs on Dataflow, and of those that such jobs need as well. */
export type DataflowArguments = {
  readonly [Name in keyof Values as CamelCaseKey<Name>]: Values[Name];
} & {
  readonly project: string;
};

/** https://cloud.google.com/dataflow/docs/reference/rest/v1b3/projects.jobs#Job: name */
const JOB_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** https://cloud.google.com/dataflow/docs/reference/pipeline-options#resource_utilization: labels */
const LABEL = /^[a-z][\w-]{0,62}=[\w-]{0,63}$/;

/**
 * What a load on Dataflow needs, beside what every load does.
 * @throws MigrationError E_USAGE with all mistakes
 */
export function requireBulkOnDataflow(argv: BulkArguments): void {
  const mistakes = [
    ...dataflowMistakes(argv),
    ...notShared("--input", argv.input),
    ...notShared("--dead-letters", argv.deadLetters),
  ];
  if (!argv.wait && argv.summary !== undefined) {
    mistakes.push("--summary tells how a load ended: not with --no-wait");
  }
  requireNone(mistakes);
}

/**
 * What a stream on Dataflow needs, beside what every stream does.
 * @throws MigrationError E_USAGE with all mistakes
 */
export function requireStreamOnDataflow(argv: StreamArguments): void {
  const mistakes = [...dataflowMistakes(argv), ...notShared("--dead-letters", argv.deadLetters)];
  if (argv.update && argv.jobName === undefined) {
    mistakes.push("--update takes the place of a job: name it with --job-name");
  }
  if (argv.stopWhenIdle !== undefined) {
    mistakes.push("--stop-when-idle: not with --runner dataflow, whose jobs go on until they are drained");
  }
  if (!argv.wait && argv.summary !== undefined) {
    mistakes.push("--summary tells how a stream ended: not with --no-wait");
  }
  requireNone(mistakes);
}

/**
 * A load that is not waited for must be one job.
 * @param plan in the order in which its tables are written
 * @throws MigrationError E_USAGE
 */
export function requireOneJob({ wait }: BulkArguments, plan: MigrationPlan): void {
  if (wait || plan.tables.every(({ level }) => level === 0)) return;
  requireNone(["--no-wait starts one job, but tables that must be written after others take further ones"]);
}

/** Mistakes that jobs of both pipelines can have. */
function dataflowMistakes(argv: DataflowArguments): string[] {
  const mistakes: string[] = [];
  const needed = ["region", "tempLocation", "sdkContainerImage"] as const;
  for (const name of needed) {
    if (argv[name] === undefined) mistakes.push(`--runner dataflow needs --${hyphenated(name)}`);
  }
  for (const name of ["tempLocation", "stagingLocation"] as const) {
    const location = argv[name];
    if (location !== undefined && !isGoogleStorage(location)) {
      mistakes.push(`--${hyphenated(name)} ${location}: it must be a gs:// URL`);
    }
  }
  if (argv.jobName !== undefined && !JOB_NAME.test(argv.jobName)) {
    mistakes.push(
      `--job-name ${argv.jobName}: lower-case letters, digits and hyphens, a letter first and no hyphen last`,
    );
  }
  for (const label of listOf(argv.labels)) {
    if (!LABEL.test(label)) mistakes.push(`--labels ${label}: KEY=VALUE of lower-case letters, digits, _ and -`);
  }
  return mistakes;
}

/** A folder that only this machine has. */
export function notShared(option: string, url: string): string[] {
  return isGoogleStorage(url) ? [] : [`${option} ${url}: workers on Dataflow reach it only as a gs:// URL`];
}

/** @throws MigrationError E_USAGE */
export function requireNone(mistakes: readonly string[]): void {
  const [first, ...others] = mistakes;
  if (first === undefined) return;
  throw others.length === 0
    ? new MigrationError("E_USAGE", first)
    : new MigrationError("E_USAGE", "the command line has several mistakes", { details: mistakes });
}

/** The parts of an option that is a list. */
export function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function isGoogleStorage(url: string): boolean {
  return /^gs:\/\/[^/]/.test(url);
}

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
