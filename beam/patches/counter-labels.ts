import "apache-beam";
import type { MonitoringInfo } from "apache-beam/proto/metrics";
import { MetricsShortIdCache } from "apache-beam/worker/metrics";

/** Under this name runners that group counters show ours. */
const NAMESPACE = "dynamodb-spanner-migration";

/**
 * A user's counter must name its step as `PTRANSFORM` and have a `NAMESPACE` (metrics.proto, MonitoringInfoSpecs
 * USER_SUM_INT64); the SDK says `TRANSFORM` and an empty namespace (worker/metrics.js:219), and Java runners, Flink
 * among them, drop such counters without a word.
 */
export function installCounterLabels(): void {
  const { asMonitoringInfo } = MetricsShortIdCache.prototype;
  MetricsShortIdCache.prototype.asMonitoringInfo = function (this: MetricsShortIdCache, id, payload) {
    const info = asMonitoringInfo.call(this, id, payload) as MonitoringInfo | undefined;
    // The SDK's types do not say that it is undefined for an unknown id.
    return (info?.urn.startsWith("beam:metric:user:") ? withLabels(info) : info) as MonitoringInfo;
  };
}

function withLabels(info: MonitoringInfo): MonitoringInfo {
  const { labels } = info;
  return {
    ...info,
    labels: {
      ...labels,
      PTRANSFORM: labels["TRANSFORM"] ?? "",
      NAMESPACE: labels["NAMESPACE"] || NAMESPACE,
    },
  };
}
