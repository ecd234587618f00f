/**
 * Environment variables of this process that workers need as well, where they are set: which servers are meant.
 * Credentials are not among them: each machine has its own.
 */
const WORKER_VARIABLES = [
  "SPANNER_EMULATOR_HOST",
  "STORAGE_EMULATOR_HOST",
  "PUBSUB_EMULATOR_HOST",
  "GOOGLE_CLOUD_PROJECT",
  "METADATA_SERVER_DETECTION",
  "SPANNER_DISABLE_BUILTIN_METRICS",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW",
  "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS",
] as const;

/** Those of them that are set. */
export function workerVariables(): Record<string, string> {
  const entries = WORKER_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
