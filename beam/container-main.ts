#!/usr/bin/env node
import "apache-beam";
import { type ChildProcess, fork } from "node:child_process";
import { parseArgs } from "node:util";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { askProvision, withEndpoints } from "./provision";

/*
 * The entry point of the workers' image (Dockerfile), after Beam's contract for containers
 * (https://beam.apache.org/documentation/runtime/environments/, and sdks/python/container/boot.go of Beam): it asks the
 * provision service once, and starts a worker process for its own id and for each sibling's (one a core, on Dataflow).
 * Nothing is downloaded: the image holds all that a pipeline is made of.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      id: { type: "string" },
      provision_endpoint: { type: "string" },
      control_endpoint: { type: "string" },
      logging_endpoint: { type: "string" },
    },
    strict: false,
  });
  const word = (name: keyof typeof values) => (values[name] === undefined ? undefined : String(values[name]));
  const id = word("id");
  const endpoint = word("provision_endpoint");
  if (id === undefined || endpoint === undefined) {
    throw new Error("a runner starts this program, with --id and --provision_endpoint");
  }
  const asked = await askProvision(id, endpoint);
  const info = withEndpoints(asked, { control: word("control_endpoint"), logging: word("logging_endpoint") });
  process.exit(await runWorkers([id, ...info.siblingWorkerIds], info));
}

/**
 * Resolves with the exit code: 0 when all workers have come to their end, or after a signal; when one has failed, its
 * own, and the others are ended. The runner then starts the container again.
 */
function runWorkers(ids: readonly string[], info: ProvisionInfo): Promise<number> {
  const encoded = Buffer.from(ProvisionInfo.toBinary(info)).toString("base64");
  const running = new Set<ChildProcess>();
  return new Promise((resolve) => {
    const end = (code: number) => {
      for (const worker of running) worker.kill("SIGKILL");
      resolve(code);
    };
    process.once("SIGTERM", () => end(0));
    process.once("SIGINT", () => end(0));
    for (const id of ids) {
      const worker = fork(require.resolve("./worker-main"), [`--id=${id}`]);
      running.add(worker);
      worker.once("exit", (code, signal) => {
        running.delete(worker);
        if (code !== 0) console.error(`worker ${id} has ended: ${signal ?? `exit code ${code}`}`);
        if (code !== 0 || running.size === 0) end(code ?? 1);
      });
      worker.send(encoded);
    }
  });
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
