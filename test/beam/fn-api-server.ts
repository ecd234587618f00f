import * as grpc from "@grpc/grpc-js";
import * as fnApi from "apache-beam/proto/beam_fn_api";
import {
  beamFnControlDefinition,
  beamFnDataDefinition,
  type IBeamFnControl,
  type IBeamFnData,
} from "apache-beam/proto/beam_fn_api.grpc-server";

/** Where a message to a stream goes that the worker has not opened yet. */
class LateStream<T> {
  private readonly waiting: T[] = [];
  private stream: { write(message: T): unknown } | undefined;

  open(stream: { write(message: T): unknown }): void {
    this.stream = stream;
    for (const message of this.waiting.splice(0)) {
      stream.write(message);
    }
  }

  write(message: T): void {
    if (this.stream === undefined) {
      this.waiting.push(message);
    } else {
      this.stream.write(message);
    }
  }
}

/** The runner's side of the Fn API: one worker, one kind of bundle. */
export class FnApiServer {
  /** The metadata `worker_id` of each call for a bundle's description. */
  readonly descriptorCallers: string[] = [];
  /** Must be set before the worker starts. */
  descriptor: fnApi.ProcessBundleDescriptor | undefined;
  private readonly control = new LateStream<fnApi.InstructionRequest>();
  private readonly data = new LateStream<fnApi.Elements>();
  private readonly answers = new Map<string, (response: fnApi.InstructionResponse) => void>();
  private controlCall: { end(): void } | undefined;

  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
  ) {}

  static async start(): Promise<FnApiServer> {
    const server = new grpc.Server();
    const handlers: { owner?: FnApiServer } = {};
    const owner = (): FnApiServer => {
      if (handlers.owner === undefined) {
        throw new Error("The server is not ready.");
      }
      return handlers.owner;
    };
    server.addService(beamFnControlDefinition, {
      control: (call) => owner().onControl(call),
      getProcessBundleDescriptor: (call, callback) => owner().onDescriptor(call, callback),
    } satisfies Pick<IBeamFnControl, "control" | "getProcessBundleDescriptor">);
    server.addService(beamFnDataDefinition, {
      data: (call) => {
        owner().data.open(call);
        call.on("data", () => undefined);
        call.on("end", () => call.end());
        call.on("error", () => undefined);
      },
    } satisfies Pick<IBeamFnData, "data">);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("localhost:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    handlers.owner = new FnApiServer(server, `localhost:${port}`);
    return handlers.owner;
  }

  /** Sends an instruction; resolves with the worker's answer. */
  async instruct(
    instructionId: string,
    request: fnApi.InstructionRequest["request"],
  ): Promise<fnApi.InstructionResponse> {
    return new Promise((resolve) => {
      this.answers.set(instructionId, resolve);
      this.control.write(fnApi.InstructionRequest.create({ instructionId, request }));
    });
  }

  /** Sends one message of the data channel. */
  send(data: readonly fnApi.Elements_Data[]): void {
    this.data.write(fnApi.Elements.create({ data: [...data] }));
  }

  /** Tells the worker that there is nothing more to do, as a runner does at the end of its job. */
  endControl(): void {
    this.controlCall?.end();
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private onControl(call: grpc.ServerDuplexStream<fnApi.InstructionResponse, fnApi.InstructionRequest>): void {
    this.controlCall = call;
    call.on("data", (response: fnApi.InstructionResponse) => {
      this.answers.get(response.instructionId)?.(response);
    });
    call.on("error", () => undefined);
    this.control.open(call);
  }

  private onDescriptor(
    call: grpc.ServerUnaryCall<fnApi.GetProcessBundleDescriptorRequest, fnApi.ProcessBundleDescriptor>,
    callback: grpc.sendUnaryData<fnApi.ProcessBundleDescriptor>,
  ): void {
    this.descriptorCallers.push(...call.metadata.get("worker_id").map(String));
    callback(null, this.descriptor);
  }
}
