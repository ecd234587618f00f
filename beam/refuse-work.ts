import { credentials, type Metadata } from "@grpc/grpc-js";
import {
  type Elements,
  type InstructionRequest,
  type ProcessBundleDescriptor,
  RemoteGrpcPort,
} from "apache-beam/proto/beam_fn_api";
import { BeamFnControlClient, BeamFnDataClient } from "apache-beam/proto/beam_fn_api.grpc-client";
import { encodeFailure } from "./failure-text";

/** Where a stage's data comes from, in the description of its bundles. */
const SOURCE_URN = "beam:runner:source:v1";

/**
 * Takes the runner's requests and answers each with `error`, until the runner ends the channel: so its job fails, at
 * once and for this reason. Needs nothing of the pipeline.
 *
 * @param identity metadata with the worker's id
 */
export function refuseWork(identity: Metadata, controlEndpoint: string, error: unknown): Promise<void> {
  console.error(error);
  const text = encodeFailure(error);
  const client = new BeamFnControlClient(controlEndpoint, credentials.createInsecure(), {}, {});
  const channel = client.control(identity);
  const dataChannels = new Set<string>();
  const refuse = (instructionId: string) => {
    channel.write({ instructionId, error: text, response: { oneofKind: undefined } });
  };
  channel.on("data", ({ instructionId, request }: InstructionRequest) => {
    if (request.oneofKind !== "processBundle") {
      refuse(instructionId);
      return;
    }
    const { processBundleDescriptorId } = request.processBundle;
    client.getProcessBundleDescriptor({ processBundleDescriptorId }, identity, (_error, descriptor) => {
      // A runner on the JVM waits minutes for the data channel before it looks at the answer.
      for (const endpoint of dataEndpoints(descriptor)) {
        if (dataChannels.has(endpoint)) continue;
        dataChannels.add(endpoint);
        acceptData(endpoint, identity);
      }
      refuse(instructionId);
    });
  });
  return new Promise((resolve, reject) => {
    channel.once("end", resolve);
    channel.once("error", reject);
  });
}

function dataEndpoints(descriptor: ProcessBundleDescriptor | undefined): readonly string[] {
  return Object.values(descriptor?.transforms ?? {}).flatMap(({ spec }) => {
    if (spec?.urn !== SOURCE_URN) return [];
    const url = RemoteGrpcPort.fromBinary(spec.payload).apiServiceDescriptor?.url;
    return url === undefined ? [] : [url];
  });
}

/** Opens a data channel and drops what comes. */
function acceptData(endpoint: string, identity: Metadata): void {
  const channel = new BeamFnDataClient(endpoint, credentials.createInsecure(), {}, {}).data(identity);
  channel.on("data", (_elements: Elements) => undefined);
  channel.on("error", () => undefined);
}
