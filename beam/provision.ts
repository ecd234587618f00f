import "apache-beam";
import { credentials, Metadata } from "@grpc/grpc-js";
import { ProvisionInfo } from "apache-beam/proto/beam_provision_api";
import { ProvisionServiceClient } from "apache-beam/proto/beam_provision_api.grpc-client";
import { ApiServiceDescriptor } from "apache-beam/proto/endpoints";
import { Struct } from "apache-beam/proto/google/protobuf/struct";

/** What a worker says of itself with each call. */
export function identity(id: string): Metadata {
  const metadata = new Metadata();
  metadata.set("worker_id", id);
  return metadata;
}

/** Asks the runner what a worker is to know: where to go, and the pipeline's options (beam_provision_api.proto). */
export function askProvision(id: string, endpoint: string): Promise<ProvisionInfo> {
  const client = new ProvisionServiceClient(endpoint, credentials.createInsecure(), {}, {});
  return new Promise((resolve, reject) => {
    client.getProvisionInfo({}, identity(id), (error, response) => {
      client.close();
      if (response?.info !== undefined) resolve(response.info);
      else reject(error ?? new Error(`${endpoint} knows nothing of worker ${id}`));
    });
  });
}

/** Endpoints that a runner gives on the command line hold where its provision service names none. */
export function withEndpoints(
  info: ProvisionInfo,
  given: { readonly control: string | undefined; readonly logging: string | undefined },
): ProvisionInfo {
  const copy = ProvisionInfo.clone(info);
  if ((copy.controlEndpoint?.url ?? "") === "" && given.control !== undefined) {
    copy.controlEndpoint = ApiServiceDescriptor.create({ url: given.control });
  }
  if ((copy.loggingEndpoint?.url ?? "") === "" && given.logging !== undefined) {
    copy.loggingEndpoint = ApiServiceDescriptor.create({ url: given.logging });
  }
  return copy;
}

/**
 * One of the pipeline's options. Flink's runner keeps the names that the job service was given (`beam:option:NAME:v1`);
 * on Dataflow they are bare, and lie one level deeper (apiclient.py of Beam's SDK for Python: sdk_pipeline_options).
 */
export function pipelineOption(info: ProvisionInfo, name: string): unknown {
  if (info.pipelineOptions === undefined) return undefined;
  const given = Struct.toJson(info.pipelineOptions) as Readonly<Record<string, unknown>>;
  const nested = (given["options"] ?? {}) as Readonly<Record<string, unknown>>;
  return given[`beam:option:${name}:v1`] ?? nested[name];
}
