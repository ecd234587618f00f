import { format } from "node:util";
import { credentials, Metadata } from "@grpc/grpc-js";
import { LogEntry, LogEntry_Severity_Enum } from "apache-beam/proto/beam_fn_api";
import { BeamFnLoggingClient } from "apache-beam/proto/beam_fn_api.grpc-client";

const severities = {
  debug: LogEntry_Severity_Enum.DEBUG,
  log: LogEntry_Severity_Enum.INFO,
  info: LogEntry_Severity_Enum.INFO,
  warn: LogEntry_Severity_Enum.WARN,
  error: LogEntry_Severity_Enum.ERROR,
} as const;

/**
 * Sends what this process prints to its console to the runner's log, as the Fn API foresees it (on Flink: to the log of
 * the TaskManager). The runner gives workers no place of their own to print to.
 *
 * The SDK's own way (worker/logging.js) leaves the errors of its channel unhandled: the end of the runner's log would
 * end the worker.
 */
export function forwardConsole(workerId: string, endpoint: string): void {
  keepWarnings();
  const metadata = new Metadata();
  metadata.set("worker_id", workerId);
  const channel = new BeamFnLoggingClient(endpoint, credentials.createInsecure(), {}, {}).logging(metadata);
  let isOpen = true;
  const close = () => {
    isOpen = false;
  };
  channel.on("error", close);
  channel.on("end", close);
  channel.on("data", () => undefined);
  for (const [method, severity] of Object.entries(severities) as [keyof typeof severities, number][]) {
    const print = console[method].bind(console);
    console[method] = (...values: unknown[]) => {
      print(...values);
      if (isOpen) channel.write({ logEntries: [entry(severity, format(...values))] });
    };
  }
}

/** Enough to know what is wrong; a worker that repeats itself for days does not fill its memory. */
const MAX_WARNINGS = 100;
const MAX_WARNING_CHARACTERS = 500;
const warnings: string[] = [];

/** The first lines of what this worker has printed as warnings and errors, from the first one on. */
export function workerWarnings(): readonly string[] {
  return warnings.slice();
}

function keepWarnings(): void {
  for (const method of ["warn", "error"] as const) {
    const print = console[method].bind(console);
    console[method] = (...values: unknown[]) => {
      print(...values);
      const [line = ""] = format(...values).split("\n", 1);
      if (warnings.length < MAX_WARNINGS) warnings.push(line.slice(0, MAX_WARNING_CHARACTERS));
    };
  }
}

function entry(severity: LogEntry_Severity_Enum, message: string): LogEntry {
  const now = Date.now();
  return LogEntry.create({
    severity,
    message,
    timestamp: { seconds: BigInt(Math.trunc(now / 1000)), nanos: (now % 1000) * 1e6 },
    logLocation: "dynamodb-spanner-migration",
  });
}
