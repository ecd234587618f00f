import "apache-beam";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { MigrationError } from "../errors/migration-error";
import { askProvision, identity, pipelineOption } from "./provision";
import { refuseWork } from "./refuse-work";
import { forwardConsole } from "./worker-log";
import { packageVersion, VERSION_OPTION, workerModuleFile } from "./worker-module";
import { WORKER_EXIT, WORKER_STARTED, WorkerExit } from "./worker-start";

/**
 * The work of worker-main.ts: a worker of a remote runner. The runner starts it (as a PROCESS environment) with the words
 * `--id=… --provision_endpoint=…`, or a pool does (worker-pool.ts); everything else it learns from the provision service.
 * Or container-main.ts starts it, with `--id=…` alone, and sends it what that service has said. It ends with the runner's
 * control channel.
 *
 * A worker that merely died would leave its runner waiting, with no word of why: so one that can't load the pipeline's
 * modules takes the runner's requests all the same, and answers each with its error.
 *
 * @throws WorkerExit
 */
export async function runWorker(): Promise<void> {
  // What a pool or a container has started does not outlive it.
  process.once("disconnect", () => process.exit(1));
  const { values } = parseArgs({
    options: { id: { type: "string" }, provision_endpoint: { type: "string" } },
    strict: false,
  });
  const id = String(values["id"] ?? "");
  const endpoint = values["provision_endpoint"];
  const info = endpoint === undefined ? await receiveProvision() : await provisionOf(id, String(endpoint));
  const control = info.controlEndpoint?.url ?? "";
  if (info.loggingEndpoint !== undefined) forwardConsole(id, info.loggingEndpoint.url);
  try {
    assertSameVersion(info);
    await loadModules(info);
  } catch (error) {
    process.send?.(WORKER_STARTED);
    await refuseWork(identity(id), control, startError(error));
    return;
  }
  const { Worker } = await import("apache-beam/worker/worker");
  process.send?.(WORKER_STARTED);
  console.info(`worker ${id} started as process ${process.pid}`);
  await new Worker(id, { controlUrl: control }, {}).wait();
}

async function provisionOf(id: string, endpoint: string): Promise<ProvisionInfo> {
  try {
    return await askProvision(id, endpoint);
  } catch (cause) {
    throw new WorkerExit(WORKER_EXIT.noRunner, `the runner at ${endpoint} does not answer: ${String(cause)}`);
  }
}

/** From container-main.ts, in base64. */
function receiveProvision(): Promise<ProvisionInfo> {
  return new Promise((resolve) => {
    process.once("message", (encoded: string) => resolve(ProvisionInfo.fromBinary(Buffer.from(encoded, "base64"))));
  });
}

/** @throws MigrationError E_WORKER_START */
function assertSameVersion(info: ProvisionInfo): void {
  const launcher = pipelineOption(info, VERSION_OPTION);
  const own = packageVersion();
  if (launcher !== own) {
    const message = `a worker's package has version ${own}, the pipeline was built by version ${String(launcher)}`;
    throw new MigrationError("E_WORKER_START", message);
  }
}

/** Finds files without their extension, and modules of packages as this file would. */
const requireModule = createRequire(__filename);

/** The corrections of the SDK first, then every module that the pipeline's steps are made of. */
async function loadModules(info: ProvisionInfo): Promise<void> {
  await import("./patches.js");
  const { installWorkerFailure } = await import("./worker-failure.js");
  installWorkerFailure();
  const named = pipelineOption(info, "registered_node_modules");
  for (const name of Array.isArray(named) ? named : []) requireModule(workerModuleFile(String(name)));
}

function startError(cause: unknown): MigrationError {
  if (cause instanceof MigrationError) return cause;
  const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
  return new MigrationError("E_WORKER_START", `a worker could not load the pipeline: ${reason}`, { cause });
}
