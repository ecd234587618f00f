import "apache-beam";
import { Metadata } from "@grpc/grpc-js";
import { Worker } from "apache-beam/worker/worker";

/** What the worker calls: an overload of the generated client (proto/beam_fn_api.grpc-client). */
type GetDescriptor = Worker["controlClient"]["getProcessBundleDescriptor"];

/**
 * The worker asks for a bundle's description without saying who it is (worker/worker.js:247), against the Fn API
 * (beam_fn_api.proto: each call carries the metadata `worker_id`). A runner that serves several workers at one address
 * cannot tell whose bundle it is, and fails it.
 */
export function installDescriptorWorkerId(): void {
  const named = new WeakSet<Worker>();
  const { process } = Worker.prototype;
  Worker.prototype.process = function (this: Worker, request) {
    if (!named.has(this)) {
      named.add(this);
      nameCaller(this);
    }
    return process.call(this, request);
  };
}

function nameCaller(worker: Worker): void {
  const client = worker.controlClient;
  const getDescriptor = client.getProcessBundleDescriptor.bind(client) as (
    input: Parameters<GetDescriptor>[0],
    metadata: Metadata,
    callback: unknown,
  ) => ReturnType<GetDescriptor>;
  client.getProcessBundleDescriptor = ((input: Parameters<GetDescriptor>[0], callback: unknown) => {
    const metadata = new Metadata();
    // `id` is private in the SDK's types.
    metadata.set("worker_id", (worker as unknown as { readonly id: string }).id);
    return getDescriptor(input, metadata, callback);
  }) as GetDescriptor;
}
