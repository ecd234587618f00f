import "apache-beam";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { InstructionRequest, InstructionResponse } from "apache-beam/proto/beam_fn_api";
import { beamFnControlDefinition } from "apache-beam/proto/beam_fn_api.grpc-server";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { provisionServiceDefinition } from "apache-beam/proto/beam_provision_api.grpc-server";
import { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import { Struct } from "apache-beam/proto/google/protobuf/struct";
import { expect } from "chai";
import { packageVersion, VERSION_OPTION } from "../../beam/worker-module";
import { eventually } from "./journal";

/** Starts the entry point of the workers' image as Dataflow does, with sibling workers, and plays the runner. */
describe("the entry point of the workers' image", function () {
  this.timeout(60_000);
  let runner: Server;
  let address: string;
  let container: ChildProcess;
  let printed: string;
  let provisionCallers: string[];
  const streams = new Map<string, ServerDuplexStream<InstructionResponse, InstructionRequest>>();

  beforeEach(() => {
    printed = "";
    provisionCallers = [];
    streams.clear();
  });
  afterEach(() => {
    if (container.exitCode === null) container.kill("SIGKILL");
    runner.forceShutdown();
  });

  async function start(
    info: Parameters<typeof ProvisionInfo.create>[0] & object,
    words: (address: string) => readonly string[] = () => [],
  ) {
    runner = new Server();
    runner.addService(provisionServiceDefinition, {
      getProvisionInfo(call: CallWithMetadata, callback: (error: null, answer: { info: ProvisionInfo }) => void) {
        provisionCallers.push(String(call.metadata.get("worker_id")));
        const controlEndpoint = ApiServiceDescriptor.create({ url: address });
        callback(null, { info: ProvisionInfo.create({ controlEndpoint, ...info }) });
      },
    });
    runner.addService(beamFnControlDefinition, {
      control(call: ServerDuplexStream<InstructionResponse, InstructionRequest>) {
        streams.set(String(call.metadata.get("worker_id")), call);
        call.on("data", () => undefined);
        call.on("error", () => undefined);
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      runner.bindAsync("localhost:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    address = `localhost:${port}`;
    container = spawn(
      process.execPath,
      [
        require.resolve("../../beam/container-main"),
        ...["--id=sdk-0-0", `--provision_endpoint=${address}`, "--semi_persist_dir=/var/opt", ...words(address)],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    for (const output of [container.stdout, container.stderr]) {
      output?.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
      });
    }
  }

  it("starts a worker for each sibling, with one question to the runner, and ends when all have", async () => {
    await start({ siblingWorkerIds: ["sdk-0-1", "sdk-0-2"], pipelineOptions: dataflowOptions() });
    await eventually(() => streams.size === 3);
    expect([...streams.keys()].sort()).to.deep.equal(["sdk-0-0", "sdk-0-1", "sdk-0-2"]);
    expect(provisionCallers).to.deep.equal(["sdk-0-0"]);
    for (const stream of streams.values()) stream.end();
    const [code] = await once(container, "exit");
    expect(code, printed).to.equal(0);
    // Found its version and its modules among Dataflow's options, which lie one level deeper than other runners'.
    expect(printed).to.match(/worker sdk-0-1 started as process/);
  });

  it("takes the endpoints of the command line where the runner's answer names none", async () => {
    await start(
      { controlEndpoint: ApiServiceDescriptor.create({ url: "" }), pipelineOptions: dataflowOptions() },
      (here) => [`--control_endpoint=${here}`],
    );
    await eventually(() => streams.has("sdk-0-0"));
    for (const stream of streams.values()) stream.end();
    await once(container, "exit");
  });

  it("ends all workers and fails when one is killed", async () => {
    await start({ siblingWorkerIds: ["sdk-0-1"], pipelineOptions: dataflowOptions() });
    const pids = () => [...printed.matchAll(/started as process (\d+)/g)].map(([, pid]) => Number(pid));
    await eventually(() => pids().length === 2 && streams.size === 2);
    const [killed = 0, other = 0] = pids();
    process.kill(killed, "SIGKILL");
    const [code] = await once(container, "exit");
    expect(code).to.equal(1);
    await eventually(() => !isAlive(other));
  });
});

interface CallWithMetadata {
  readonly metadata: { get(name: string): readonly unknown[] };
}

/** As Dataflow hands them to workers. */
function dataflowOptions(): Struct {
  const options = { [VERSION_OPTION]: packageVersion(), registered_node_modules: ["apache-beam"] };
  return Struct.fromJson({ options, display_data: [] });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
