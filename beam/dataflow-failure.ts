import { MigrationError } from "../errors/migration-error";

/**
 * The error that an answer of the Dataflow API stands for.
 * @param status of HTTP; 0: there was no answer
 */
export function dataflowFailure(status: number, message: string, cause?: unknown): MigrationError {
  const options = cause === undefined ? {} : { cause };
  switch (status) {
    case 401:
      return new MigrationError("E_DATAFLOW_CREDENTIALS", message, options);
    case 403:
      return new MigrationError("E_DATAFLOW_PERMISSION", message, options);
    case 409:
      return new MigrationError("E_DATAFLOW_JOB_EXISTS", message, options);
    default:
      return isPassing(status)
        ? new MigrationError("E_DATAFLOW_UNREACHABLE", message, options)
        : new MigrationError("E_DATAFLOW_REFUSED", message, options);
  }
}

/** No answer, an overload or an outage: another attempt may succeed. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
