import type { Options as YargsOption } from "yargs";

/** The declaration of one option of the command line. */
export interface Option extends YargsOption {
  readonly describe: string;
  /** Environment variable that gives the value when neither a flag nor the configuration file does. */
  readonly environment?: string;
  /** Least value of a number. */
  readonly minimum?: number;
  readonly integer?: boolean;
}
