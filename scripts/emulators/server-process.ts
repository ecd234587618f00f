import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { MigrationError } from "../../errors/migration-error";
import { acceptsConnections } from "./free-port";

/** A local server that a script or a test started, or found running. */
export interface LocalServer {
  /** `host:port`, without a scheme. */
  readonly address: string;
  /** Ends the server and waits until it has gone; calling it again, or when the server has ended, does nothing. */
  stop(): Promise<void>;
}

/** How to tell that a server takes requests. */
export type Readiness =
  /** A line of its output matches; the first capture group is handed to the caller. */
  | { readonly kind: "line"; readonly pattern: RegExp }
  /** It accepts a TCP connection on this port of 127.0.0.1. */
  | { readonly kind: "port"; readonly port: number };

export interface ServerCommand {
  /** What the user calls it, such as "Spanner emulator"; begins every message about it. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly readiness: Readiness;
  /** How long the server may take until it is ready. */
  readonly startSeconds: number;
  /** Ends what the command started where killing the command is not enough (`docker kill <name>`). */
  readonly killCommand?: readonly [string, ...string[]];
}

export interface ServerProcess {
  /** First capture group of the readiness pattern; empty where the pattern has none or readiness is a port. */
  readonly announced: string;
  stop(): Promise<void>;
}

const secondsBeforeKill = 3;
const portPollMilliseconds = 25;
const outputLinesKept = 40;

/** Waits for a line on its standard input; if there is none before the end of the input, runs its arguments. */
const watchdogScript = "trap '' HUP INT TERM; read -r line || \"$@\"";

/**
 * Starts a server and waits until it is ready.
 *
 * The server never outlives this process, however that ends (return, uncaught exception, any signal, SIGKILL): a
 * watchdog shell reads a pipe whose only other end is in this process, and kills the server when the pipe closes.
 * Server and watchdog have sessions of their own, so that Ctrl-C in a terminal reaches this process alone and it can
 * finish its work while the server still answers.
 *
 * A running server does not keep this process alive.
 *
 * @throws MigrationError E_EMULATOR_START when the server can't be started, ends early or is not ready in time.
 */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  const child = spawn(server.command, server.arguments, {
    detached: true,
    env: { ...process.env, ...server.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  const output: string[] = [];
  const ended = endOf(child);
  if (pid === undefined) {
    throw startError(server, `\`${server.command}\` can't be run`, output, await ended);
  }
  // In the same tick as the spawn above: no exception or handled signal can come between them.
  const watchdog = startWatchdog(server.killCommand ?? ["kill", "-KILL", `-${pid}`]);
  let stopping = false;
  void ended.then((reason) => {
    watchdog.standDown();
    if (!stopping) {
      output.push(`(${reason})`);
    }
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    child.ref();
    if (isRunning(child)) {
      await end(child, pid, server.killCommand, ended);
    }
  };
  try {
    const announced = await ready(server, child, output, ended);
    void ended.then((reason) => {
      if (!stopping) {
        process.stderr.write(`${server.name}: ${reason} while it was in use\n${output.join("\n")}\n`);
      }
    });
    release(child);
    return { announced, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Resolves with the reason in words when the process has ended or could not be spawned; never rejects. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
  });
}

function startWatchdog(lastResort: readonly string[]): { standDown(): void } {
  const watchdog = spawn("/bin/sh", ["-c", watchdogScript, "sh", ...lastResort], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  watchdog.on("error", () => {});
  watchdog.stdin.on("error", () => {});
  (watchdog.stdin as Socket).unref();
  return { standDown: () => watchdog.stdin.end("ended\n") };
}

/** Waits until the server is ready; the output goes on being read afterwards, for a full pipe would stop the server. */
async function ready(
  server: ServerCommand,
  child: ChildProcess,
  output: string[],
  ended: Promise<string>,
): Promise<string> {
  const { readiness } = server;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      timer = setTimeout(
        () => reject(startError(server, "was not ready", output, `waited ${server.startSeconds} s`)),
        server.startSeconds * 1000,
      );
      void ended.then((reason) => reject(startError(server, "ended before it was ready", output, reason)));
      for (const stream of [child.stdout, child.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on("line", (line) => {
          output.push(line);
          if (output.length > outputLinesKept) output.shift();
          const match = readiness.kind === "line" ? readiness.pattern.exec(line) : null;
          if (match !== null) resolve(match[1] ?? "");
        });
      }
      if (readiness.kind === "port") {
        void untilPortAccepts(readiness.port, () => isRunning(child)).then(() => resolve(""));
      }
    });
  } finally {
    clearTimeout(timer);
  }
}

async function untilPortAccepts(port: number, running: () => boolean): Promise<void> {
  while (running() && !(await acceptsConnections("127.0.0.1", port))) {
    await new Promise((resolve) => setTimeout(resolve, portPollMilliseconds));
  }
}

async function end(
  child: ChildProcess,
  pid: number,
  killCommand: ServerCommand["killCommand"],
  ended: Promise<string>,
): Promise<void> {
  if (killCommand !== undefined) {
    const [command, ...rest] = killCommand;
    const kill = spawn(command, rest, { stdio: "ignore" });
    await Promise.race([once(kill, "exit"), once(kill, "error")]);
  }
  signalGroup(pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), secondsBeforeKill * 1000);
  await ended;
  clearTimeout(timer);
  // What the server may have started itself is in its process group.
  signalGroup(pid, "SIGKILL");
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Signals the server and the processes it started: it leads a process group, whose id is its process id. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function release(child: ChildProcess): void {
  child.unref();
  (child.stdout as Socket | null)?.unref();
  (child.stderr as Socket | null)?.unref();
}

function startError(server: ServerCommand, what: string, output: readonly string[], reason: string): MigrationError {
  return new MigrationError("E_EMULATOR_START", `${server.name}: ${what} (${reason})`, { details: [...output] });
}
