import { MigrationError } from "../errors/migration-error";
import { decodeFailure } from "./failure-text";
import { describeWorkerExit } from "./worker-start";

/** A process that a signal ends has 128 and the signal's number as its exit code. */
const FIRST_SIGNAL_CODE = 128;

/**
 * Why a job has failed, from what Flink and the job server say of it: the very error of a step if it is among them, else
 * what happened to a worker, else the innermost of Java's causes.
 *
 * @param sayings texts with Java's stack traces, the most telling one first
 */
export function flinkFailure(sayings: readonly string[], jobName: string, workerCommand: string): Error {
  const texts = sayings.filter((text) => text !== "");
  for (const text of texts) {
    const failure = decodeFailure(text);
    if (failure !== undefined) return failure;
  }
  const [, exitCode] = /Process died with exit code (\d+)/.exec(texts.join("\n")) ?? [];
  if (exitCode !== undefined && Number(exitCode) > FIRST_SIGNAL_CODE) return workerLost();
  if (exitCode !== undefined) {
    return new MigrationError(
      "E_WORKER_START",
      `${workerCommand} ended with ${describeWorkerExit(Number(exitCode))} on a TaskManager`,
    );
  }
  const [, noPool] = /ExternalEnvironmentFactory[\s\S]*?Connection refused: (\S+)/.exec(texts.join("\n")) ?? [];
  if (noPool !== undefined) {
    const message = `a TaskManager found no worker pool at ${noPool}: start dynamodb-to-spanner-worker-pool on its machine`;
    return new MigrationError("E_WORKER_START", message);
  }
  const [, cannotRun] = /(Cannot run program .+)/.exec(texts.join("\n")) ?? [];
  if (cannotRun !== undefined) return new MigrationError("E_WORKER_START", `on a TaskManager: ${cannotRun}`);
  if (/CANCELLED: client cancelled/.test(texts.join("\n"))) return workerLost();
  const details = texts.flatMap((text) => text.split("\n").filter((line) => !/^\s*(at |\.\.\. )/.test(line)));
  const reason = details.findLast((line) => line.startsWith("Caused by: ")) ?? details[0] ?? "it says no reason";
  return new MigrationError("E_FLINK_JOB_FAILED", `${jobName}: ${reason.replace(/^Caused by: /, "")}`, { details });
}

function workerLost(): MigrationError {
  return new MigrationError("E_WORKER_LOST", "a worker ended in the midst of its work, without a word");
}
