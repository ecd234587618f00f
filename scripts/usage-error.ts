import { MigrationError } from "../errors/migration-error";

/** What yargs hands to `fail`, as an error with a code: its own complaints are about the command line. */
export function usageError(message: string | null, error: Error | undefined): Error {
  return error === undefined || error.name === "YError"
    ? new MigrationError("E_USAGE", message ?? error?.message ?? "The command line is not valid.")
    : error;
}
