import "apache-beam";
import type { InstructionRequest, InstructionResponse } from "apache-beam/proto/beam_fn_api";
import type { MonitoringInfo } from "apache-beam/proto/metrics";
import { Worker } from "apache-beam/worker/worker";

/**
 * A worker reports its counters under short ids, which a runner may ask the meaning of (MonitoringInfosMetadataRequest
 * in beam_fn_api.proto). The SDK answers "Unknown instruction type" (worker/worker.js:169), so such a runner has no
 * counters.
 */
export function installMonitoringInfosMetadata(): void {
  const { handleRequest } = Worker.prototype;
  Worker.prototype.handleRequest = async function (this: Worker, message: InstructionRequest) {
    const { instructionId, request } = message;
    if (request.oneofKind !== "monitoringInfos") {
      return handleRequest.call(this, message);
    }
    return this.respond(describeMetrics(this, instructionId, request.monitoringInfos.monitoringInfoId));
  };
}

function describeMetrics(worker: Worker, instructionId: string, ids: readonly string[]): InstructionResponse {
  const monitoringInfo: Record<string, MonitoringInfo> = {};
  for (const id of ids) {
    // Undefined for an id that this worker has never reported, whatever the SDK's types say.
    const info = worker.metricsShortIdCache.asMonitoringInfo(id) as MonitoringInfo | undefined;
    if (info !== undefined) {
      monitoringInfo[id] = info;
    }
  }
  return { instructionId, error: "", response: { oneofKind: "monitoringInfos", monitoringInfos: { monitoringInfo } } };
}
