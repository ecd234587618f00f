#!/usr/bin/env node
import "apache-beam";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { credentials, Metadata } from "@grpc/grpc-js";
import type { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { ProvisionServiceClient } from "apache-beam/proto/beam_provision_api.grpc-client";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { MigrationError } from "../errors/migration-error";
import { refuseWork } from "./refuse-work";
import { forwardConsole } from "./worker-log";
import { packageVersion, VERSION_OPTION, workerModuleFile } from "./worker-module";

/*
 * A worker of a remote runner. The runner starts it (as a PROCESS environment) with the words
 * `--id=… --provision_endpoint=…`; everything else it learns from the provision service. It ends with the runner's
 * control channel.
 *
 * A worker that merely died would leave its runner waiting, with no word of why: so one that can't load the pipeline's
 * modules takes the runner's requests all the same, and answers each with its error.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { id: { type: "string" }, provision_endpoint: { type: "string" } },
    strict: false,
  });
  const id = String(values["id"] ?? "");
  const info = await provisionInfo(id, String(values["provision_endpoint"] ?? ""));
  const control = info.controlEndpoint?.url ?? "";
  if (info.loggingEndpoint !== undefined) forwardConsole(id, info.loggingEndpoint.url);
  const options = info.pipelineOptions === undefined ? {} : (Struct.toJson(info.pipelineOptions) as object);
  try {
    assertSameVersion(options);
    await loadModules(options);
  } catch (error) {
    await refuseWork(identity(id), control, startError(error));
    return;
  }
  const { Worker } = await import("apache-beam/worker/worker");
  console.info(`worker ${id} started as process ${process.pid}`);
  await new Worker(id, { controlUrl: control }, options).wait();
}

function provisionInfo(id: string, endpoint: string): Promise<ProvisionInfo> {
  const client = new ProvisionServiceClient(endpoint, credentials.createInsecure(), {}, {});
  return new Promise((resolve, reject) => {
    client.getProvisionInfo({}, identity(id), (error, response) => {
      client.close();
      if (response?.info !== undefined) resolve(response.info);
      else reject(error ?? new Error(`${endpoint} knows nothing of worker ${id}`));
    });
  });
}

/** @throws MigrationError E_WORKER_START */
function assertSameVersion(options: object): void {
  const launcher = (options as Record<string, unknown>)[`beam:option:${VERSION_OPTION}:v1`];
  const own = packageVersion();
  if (launcher !== own) {
    const message = `a worker's package has version ${own}, the pipeline was built by version ${String(launcher)}`;
    throw new MigrationError("E_WORKER_START", message);
  }
}

/** Finds files without their extension, and modules of packages as this file would. */
const requireModule = createRequire(__filename);

/** The corrections of the SDK first, then every module that the pipeline's steps are made of. */
async function loadModules(options: object): Promise<void> {
  await import("./patches.js");
  const { installWorkerFailure } = await import("./worker-failure.js");
  installWorkerFailure();
  const named: unknown = (options as Record<string, unknown>)["beam:option:registered_node_modules:v1"];
  for (const name of Array.isArray(named) ? named : []) requireModule(workerModuleFile(String(name)));
}

function startError(cause: unknown): MigrationError {
  if (cause instanceof MigrationError) return cause;
  const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
  return new MigrationError("E_WORKER_START", `a worker could not load the pipeline: ${reason}`, { cause });
}

function identity(id: string): Metadata {
  const metadata = new Metadata();
  metadata.set("worker_id", id);
  return metadata;
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
