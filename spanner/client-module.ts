import { createRequire, Module } from "node:module";

type ClientModule = typeof import("@google-cloud/spanner");

/**
 * What the official Node client needs to work with the emulator. Multiplexed sessions end in an uncaught error there;
 * metrics and the metadata server want a Google Cloud login. Variables that are set already stay.
 */
const emulatorEnvironment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  SPANNER_DISABLE_BUILTIN_METRICS: "true",
  METADATA_SERVER_DETECTION: "none",
} as const;

let loaded: ClientModule | undefined;

/** Address of the Spanner emulator in use, if one is. */
export function emulatorAddress(): string | undefined {
  return process.env["SPANNER_EMULATOR_HOST"] || undefined;
}

/**
 * The official client, loaded at the first call: that takes a third of a second, which `--help` need not wait for.
 *
 * The client answers SIGINT and SIGTERM with handlers that do not end the process, so that Ctrl-C has no effect any
 * more; they are taken away again.
 */
export function loadSpannerClient(): ClientModule {
  if (emulatorAddress() !== undefined) {
    for (const [name, value] of Object.entries(emulatorEnvironment)) process.env[name] ??= value;
  }
  loaded ??= keepingSignalHandlers(() => withoutMonitoring(() => require("@google-cloud/spanner") as ClientModule));
  return loaded;
}

/**
 * Loads the client without that of Cloud Monitoring, which is 5 MB of code and 10 MB of memory: only the exporter of the
 * client's own metrics uses it, and `newSpanner` switches them off. Where they are switched on, all is loaded.
 */
function withoutMonitoring<Result>(load: () => Result): Result {
  if (process.env["SPANNER_DISABLE_BUILTIN_METRICS"] === "false") return load();
  const path = createRequire(require.resolve("@google-cloud/spanner")).resolve("@google-cloud/monitoring");
  if (require.cache[path] !== undefined) return load();
  const empty = new Module(path);
  empty.loaded = true;
  require.cache[path] = empty;
  try {
    return load();
  } finally {
    delete require.cache[path];
  }
}

function keepingSignalHandlers<Result>(load: () => Result): Result {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const result = load();
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) {
      if (!before[index]?.has(listener)) process.removeListener(signal, listener);
    }
  });
  return result;
}
