/** How a command ends when this error ends it; see the exit codes in the README. */
export type FailureExitCode = 1 | 2 | 4;

/** One entry of the catalogue: what happened and what to do, in the words of the user's work. */
export interface ErrorDescription {
  readonly meaning: string;
  readonly remedy: string;
  /** Absent for codes that only ever mark a dead letter: they do not end a command by themselves. */
  readonly exitCode?: FailureExitCode;
}

/**
 * Every error that a user can meet. Codes are stable: scripts and dead letters refer to them.
 * `docs/errors.md` is generated from this file.
 */
export const errorCatalogue = {
  // --- command line -------------------------------------------------------------------------------------------------
  E_USAGE: {
    meaning: "The command line or the configuration file is not valid.",
    remedy: "Read the message, then `dynamodb-to-spanner <command> --help`.",
    exitCode: 2,
  },
  E_INTERNAL: {
    meaning: "An error that this program did not foresee.",
    remedy: "Run again with --log-level debug and report the output; nothing that was committed is lost.",
    exitCode: 1,
  },
  E_INTERRUPTED: {
    meaning: "The command was stopped by a signal before it had finished.",
    remedy: "Run the same command again: rows that are already written are written again with the same values.",
    exitCode: 1,
  },
  E_SUMMARY_UNWRITABLE: {
    meaning: "The file named by --summary can't be written.",
    remedy: "Name a file in a folder that exists and may be written to.",
    exitCode: 1,
  },
  E_CONFIG_INVALID: {
    meaning: "The file named by --config can't be read as JSON or YAML.",
    remedy: "Mend the line that the message names; the file maps option names to values.",
    exitCode: 2,
  },
  E_ACCOUNTING: {
    meaning: "The counts of the run do not add up: some items have no outcome, more than one, or were not read.",
    remedy: "Do not cut over. Run the load again; if it repeats, report it together with the --summary file.",
    exitCode: 4,
  },
  // --- DynamoDB items (schema/) -------------------------------------------------------------------------------------
  // --- mapping file (schema/) ---------------------------------------------------------------------------------------
  E_MAPPING_UNKNOWN_TYPE: {
    meaning: "A column's type in the mapping is none that Spanner has, or that this program writes.",
    remedy: "Use one of the types in docs/mapping.md.",
    exitCode: 2,
  },
  // --- conversion (schema/) -----------------------------------------------------------------------------------------
  // --- export (transforms/) -----------------------------------------------------------------------------------------
  // --- dead letters (transforms/) -----------------------------------------------------------------------------------
  // --- Spanner (spanner/) -------------------------------------------------------------------------------------------
  // --- DynamoDB Streams and Pub/Sub (transforms/) -------------------------------------------------------------------
  // --- Beam and its runners (beam/) ---------------------------------------------------------------------------------
  // --- scripts ------------------------------------------------------------------------------------------------------
  E_EMULATOR_MISSING: {
    meaning: "A local server (emulator) that the command needs is neither running nor installed.",
    remedy: "Run the command that the message names, or set the server's address in the environment.",
    exitCode: 1,
  },
  E_EMULATOR_START: {
    meaning: "A local server (emulator) was found but did not become ready.",
    remedy: "Read its own last lines below the message; they say what hinders it.",
    exitCode: 1,
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCatalogue;
