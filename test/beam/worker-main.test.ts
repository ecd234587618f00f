import "apache-beam";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import * as fnApi from "apache-beam/proto/beam_fn_api";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { provisionServiceDefinition } from "apache-beam/proto/beam_provision_api.grpc-server";
import { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { expect } from "chai";
import { decodeFailure } from "../../beam/failure-text";
import { packageVersion, VERSION_OPTION } from "../../beam/worker-module";
import { FnApiServer } from "./fn-api-server";

/** Starts the worker's program as a runner does, with these pipeline options, and asks it for a bundle. */
describe("a worker that can't do its work", function () {
  this.timeout(240_000);
  let runner: FnApiServer;
  let provision: Server;
  let worker: ChildProcess;

  async function firstAnswer(options: Readonly<Record<string, string | string[]>>): Promise<unknown> {
    runner = await FnApiServer.start();
    runner.descriptor = fnApi.ProcessBundleDescriptor.create({ id: "d" });
    provision = new Server();
    provision.addService(provisionServiceDefinition, {
      getProvisionInfo: (_call: unknown, callback: (error: null, answer: { info: ProvisionInfo }) => void) => {
        const entries = Object.entries(options).map(([name, value]) => [`beam:option:${name}:v1`, value]);
        const pipelineOptions = Struct.fromJson(Object.fromEntries(entries));
        const controlEndpoint = ApiServiceDescriptor.create({ url: runner.address });
        callback(null, { info: ProvisionInfo.create({ pipelineOptions, controlEndpoint }) });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      provision.bindAsync("localhost:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const words = [require.resolve("../../beam/worker-main"), "--id=1-1", `--provision_endpoint=localhost:${port}`];
    worker = spawn(process.execPath, words, { stdio: "ignore" });
    const processBundle = fnApi.ProcessBundleRequest.create({ processBundleDescriptorId: "d" });
    const { error } = await runner.instruct("bundle", { oneofKind: "processBundle", processBundle });
    return decodeFailure(error);
  }

  afterEach(async () => {
    runner.endControl();
    if (worker.exitCode === null) await once(worker, "exit");
    runner.stop();
    provision.forceShutdown();
    // Nothing else is to be done: it ends when its runner does.
    expect(worker.exitCode).to.equal(0);
  });

  it("answers a bundle with the module that it lacks", async () => {
    const failure = await firstAnswer({
      [VERSION_OPTION]: packageVersion(),
      registered_node_modules: ["dynamodb-spanner-migration/no/such-module"],
    });
    expect(failure).to.have.property("code", "E_WORKER_START");
    expect((failure as Error).message).to.match(/Cannot find module .*no\/such-module/);
  });

  it("answers a bundle of another version of this package with both versions", async () => {
    const failure = await firstAnswer({ [VERSION_OPTION]: "0.0.9", registered_node_modules: [] });
    expect(failure).to.have.property("code", "E_WORKER_START");
    expect((failure as Error).message)
      .to.include(packageVersion())
      .and.include("0.0.9");
  });
});
