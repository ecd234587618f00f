import "apache-beam";
import { TYPESCRIPT_DEFAULT_ENVIRONMENT_URN } from "apache-beam/internal/environments";
import * as runnerApi from "apache-beam/proto/beam_runner_api";
import { expectInternal } from "./beam-version";

/** How the runner starts a worker on its own machines (`beam:env:process:v1`, beam_runner_api.proto ProcessPayload). */
export interface WorkerProcess {
  /** One executable; the runner adds words of its own (`--id=… --provision_endpoint=…`). */
  readonly command: string;
  /** Added to the environment that the runner has. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A copy of a pipeline whose steps run in processes that the runner starts. There is nothing to send along: the command
 * finds the package where it is installed.
 */
export function withProcessWorkers(pipeline: runnerApi.Pipeline, worker: WorkerProcess): runnerApi.Pipeline {
  return withWorkers(pipeline, "beam:env:process:v1", processPayload(worker));
}

/** A pool of workers (worker-pool.ts), which the runner asks for one (`beam:env:external:v1`, ExternalPayload). */
export interface WorkerPoolAddress {
  /** `host:port`, as the runner's machines know it: with `localhost`, each machine has a pool of its own. */
  readonly endpoint: string;
  /** Environment variables for the workers, of which a pool takes some. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A copy of a pipeline whose steps run in processes that pools start. */
export function withPoolWorkers(pipeline: runnerApi.Pipeline, pool: WorkerPoolAddress): runnerApi.Pipeline {
  const payload = runnerApi.ExternalPayload.toBinary({
    endpoint: { url: pool.endpoint },
    params: { ...pool.environment },
  });
  return withWorkers(pipeline, "beam:env:external:v1", payload);
}

/**
 * A copy of a pipeline whose steps run in containers (`beam:env:docker:v1`, beam_runner_api.proto DockerPayload). There is
 * nothing to send along: the image holds this package.
 */
export function withContainerWorkers(pipeline: runnerApi.Pipeline, containerImage: string): runnerApi.Pipeline {
  return withWorkers(pipeline, "beam:env:docker:v1", runnerApi.DockerPayload.toBinary({ containerImage }));
}

/**
 * A copy of a pipeline whose Java steps (see java-transform.ts) run within the runner's own Java processes
 * (Environments.java of Beam's runners: ENVIRONMENT_EMBEDDED), or in processes that it starts. To be called last.
 */
export function withJavaSteps(pipeline: runnerApi.Pipeline, worker: WorkerProcess | "embedded"): runnerApi.Pipeline {
  const isJava = (environment: runnerApi.Environment) => environment.urn === "beam:env:docker:v1";
  return worker === "embedded"
    ? withWorkers(pipeline, "EMBEDDED", new Uint8Array(), isJava)
    : withWorkers(pipeline, "beam:env:process:v1", processPayload(worker), isJava);
}

function processPayload({ command, environment }: WorkerProcess): Uint8Array {
  return runnerApi.ProcessPayload.toBinary({ os: "", arch: "", command, env: { ...environment } });
}

function isTypeScript({ urn }: runnerApi.Environment): boolean {
  return urn === TYPESCRIPT_DEFAULT_ENVIRONMENT_URN;
}

function withWorkers(
  pipeline: runnerApi.Pipeline,
  urn: string,
  payload: Uint8Array,
  concerns: (environment: runnerApi.Environment) => boolean = isTypeScript,
): runnerApi.Pipeline {
  const copy = runnerApi.Pipeline.clone(pipeline);
  const { environments } = expectInternal(copy.components, "the components of a pipeline");
  for (const environment of Object.values(environments)) {
    if (!concerns(environment)) continue;
    environment.urn = urn;
    environment.payload = payload;
    environment.dependencies = [];
  }
  return copy;
}
