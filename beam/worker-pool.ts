import "apache-beam";
import { type ChildProcess, spawn } from "node:child_process";
import { hostname } from "node:os";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { StartWorkerRequest, StartWorkerResponse } from "apache-beam/proto/beam_fn_api";
import {
  beamFnExternalWorkerPoolDefinition,
  type IBeamFnExternalWorkerPool,
} from "apache-beam/proto/beam_fn_api.grpc-server";
import { MigrationError } from "../errors/migration-error";
import { encodeFailure } from "./failure-text";
import { describeWorkerExit, WORKER_STARTED } from "./worker-start";

export interface WorkerPoolOptions {
  /** The name or address to listen at. Whoever reaches it can start workers. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The program of a worker; by default this package's own. */
  readonly program?: string;
}

export interface WorkerPool {
  readonly port: number;
  /** Ends the pool and all its workers. */
  stop(): Promise<void>;
}

/**
 * Variables that a pipeline may set for its workers: which servers are meant. Not any name, for whoever may start a worker
 * could have it run anything (NODE_OPTIONS, say).
 */
const PERMITTED_VARIABLE =
  /^(SPANNER|PUBSUB|STORAGE)_EMULATOR_HOST$|^GOOGLE_CLOUD_(PROJECT$|SPANNER_)|^SPANNER_DISABLE_|^METADATA_SERVER_DETECTION$/;

/** Of what a worker that could not start has printed, so much is told. */
const TOLD_CHARACTERS = 2000;

/**
 * Starts worker processes for a runner that asks for them (`beam:env:external:v1`: BeamFnExternalWorkerPool of
 * beam_fn_api.proto). A request is answered when its worker has reached the runner, or with the reason why it has not: a
 * runner of Beam's Java waits without end for a worker that it believes to be starting.
 *
 * Two TaskManagers ask for workers of the same id (both have a `1-1`): so each request starts a process of its own, and a
 * request to stop an id stops none. A worker ends with the control channel of its TaskManager.
 *
 * @throws MigrationError E_WORKER_POOL if it can't listen there
 */
export async function startWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { host, port, program = require.resolve("./worker-main") } = options;
  const workers = new Set<ChildProcess>();
  const server = new Server();
  server.addService(beamFnExternalWorkerPoolDefinition, {
    async startWorker({ request }, reply) {
      reply(null, await startWorker(request, program, workers));
    },
    stopWorker(_call, reply) {
      reply(null, { error: "" });
    },
  } satisfies IBeamFnExternalWorkerPool);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
      if (error === null) resolve(actual);
      else reject(new MigrationError("E_WORKER_POOL", `${host}:${port}: ${error.message}`, { cause: error }));
    });
  });
  return {
    port: bound,
    async stop() {
      server.forceShutdown();
      const ended = [...workers].map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(ended);
    },
  };
}

function startWorker(
  request: StartWorkerRequest,
  program: string,
  workers: Set<ChildProcess>,
): Promise<StartWorkerResponse> {
  const { workerId, params, provisionEndpoint } = request;
  const permitted = Object.entries(params).filter(([name]) => PERMITTED_VARIABLE.test(name));
  const words = [program, `--id=${workerId}`, `--provision_endpoint=${provisionEndpoint?.url ?? ""}`];
  const worker = spawn(process.execPath, words, {
    env: { ...process.env, ...Object.fromEntries(permitted) },
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  workers.add(worker);
  let printed = "";
  worker.stderr?.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    printed = `${printed}${chunk.toString()}`.slice(-TOLD_CHARACTERS);
  });
  return new Promise((resolve) => {
    worker.once("message", (message) => {
      if (message === WORKER_STARTED) resolve({ error: "" });
    });
    // The last of its output has come by then.
    worker.once("close", (code, signal) => {
      workers.delete(worker);
      if (code === 0) return resolve({ error: "" });
      const end = signal ?? describeWorkerExit(code ?? 1);
      console.error(`worker ${workerId} (process ${worker.pid}) has ended: ${end}`);
      const message = `a worker of the pool on ${hostname()} ended with ${end}: ${firstLines(printed)}`;
      resolve({ error: encodeFailure(new MigrationError("E_WORKER_START", message)) });
    });
  });
}

/** What a program says of its end, without the stack. */
function firstLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return lines.length === 0 ? "it has printed nothing" : lines.slice(0, 10).join(" | ");
}
