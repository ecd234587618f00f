import "apache-beam";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import * as fnApi from "apache-beam/proto/beam_fn_api";
import { BeamFnExternalWorkerPoolClient } from "apache-beam/proto/beam_fn_api.grpc-client";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { provisionServiceDefinition } from "apache-beam/proto/beam_provision_api.grpc-server";
import { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { expect } from "chai";
import { decodeFailure } from "../../beam/failure-text";
import { packageVersion, VERSION_OPTION } from "../../beam/worker-module";
import { startWorkerPool, type WorkerPool } from "../../beam/worker-pool";
import { MigrationError } from "../../errors/migration-error";
import { FnApiServer } from "./fn-api-server";

/** Asks a pool for workers as Flink's TaskManagers do, and plays those. */
describe("a pool of workers", function () {
  this.timeout(240_000);
  let pool: WorkerPool;
  const runners: FnApiServer[] = [];
  const provisions: Server[] = [];

  afterEach(async () => {
    await pool.stop();
    for (const runner of runners.splice(0)) runner.stop();
    for (const provision of provisions.splice(0)) provision.forceShutdown();
  });

  /** @returns the runner, and the address of its provision service */
  async function startTaskManager(): Promise<{ runner: FnApiServer; provision: string }> {
    const runner = await FnApiServer.start();
    runner.descriptor = fnApi.ProcessBundleDescriptor.create({ id: "d" });
    const server = new Server();
    server.addService(provisionServiceDefinition, {
      getProvisionInfo: (_call: unknown, callback: (error: null, answer: { info: ProvisionInfo }) => void) => {
        const options = { [VERSION_OPTION]: packageVersion(), registered_node_modules: ["apache-beam"] };
        const entries = Object.entries(options).map(([name, value]) => [`beam:option:${name}:v1`, value]);
        const pipelineOptions = Struct.fromJson(Object.fromEntries(entries));
        const controlEndpoint = ApiServiceDescriptor.create({ url: runner.address });
        callback(null, { info: ProvisionInfo.create({ pipelineOptions, controlEndpoint }) });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("localhost:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    runners.push(runner);
    provisions.push(server);
    return { runner, provision: `localhost:${port}` };
  }

  function startWorker(provision: string, params: Record<string, string> = {}): Promise<fnApi.StartWorkerResponse> {
    const client = new BeamFnExternalWorkerPoolClient(`localhost:${pool.port}`, credentials.createInsecure(), {}, {});
    const provisionEndpoint = ApiServiceDescriptor.create({ url: provision });
    const request = fnApi.StartWorkerRequest.create({ workerId: "1-1", provisionEndpoint, params });
    return new Promise((resolve, reject) => {
      client.startWorker(request, (error, response) => {
        client.close();
        if (response === undefined) reject(error);
        else resolve(response);
      });
    });
  }

  it("starts a worker for each TaskManager, though both ask for the same id", async () => {
    pool = await startWorkerPool({ host: "localhost", port: 0 });
    const taskManagers = await Promise.all([startTaskManager(), startTaskManager()]);
    const answers = await Promise.all(taskManagers.map(({ provision }) => startWorker(provision)));
    expect(answers.map(({ error }) => error)).to.deep.equal(["", ""]);
    // Both work: an empty bundle comes back without an error.
    for (const { runner } of taskManagers) {
      const processBundle = fnApi.ProcessBundleRequest.create({ processBundleDescriptorId: "d" });
      const { error } = await runner.instruct("bundle", { oneofKind: "processBundle", processBundle });
      expect(error).to.equal("");
    }
  });

  it("answers with what a worker has printed that could not start, and lets it have some variables only", async () => {
    const program = require.resolve("./fixtures/failing-worker");
    pool = await startWorkerPool({ host: "localhost", port: 0, program });
    const params = { GOOGLE_CLOUD_PROJECT: "my-project", NODE_OPTIONS: "--no-such-option" };
    const { error } = await startWorker("localhost:1", params);
    const failure = decodeFailure(error);
    expect(failure).to.be.instanceOf(MigrationError).with.property("code", "E_WORKER_START");
    expect(failure?.message).to.match(/ended with exit code 1: .*no luck, my-project, options none/);
    expect(failure?.message)
      .to.include("RangeError: and this is why")
      .and.not.match(/\n| at /);
  });

  it("says that a worker can't reach its TaskManager", async () => {
    pool = await startWorkerPool({ host: "localhost", port: 0 });
    const { error } = await startWorker("localhost:1");
    expect(decodeFailure(error)?.message).to.include("it could not reach the runner");
  });

  it("does not start where something else listens", async () => {
    pool = await startWorkerPool({ host: "localhost", port: 0 });
    const error: unknown = await startWorkerPool({ host: "localhost", port: pool.port }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(MigrationError).with.property("code", "E_WORKER_POOL");
  });
});
