import "apache-beam";
import { MetricsContainer } from "apache-beam/worker/metrics";

/**
 * A worker reuses its operators for many bundles, and between two of them the SDK marks each counter as unset but keeps
 * its value (ScopedMetricCell.reset, worker/metrics.js:234): every bundle then reports the sum of all before it as its
 * own, and the runner adds those sums up.
 */
export function installBundleCounters(): void {
  MetricsContainer.prototype.reset = function reset(this: MetricsContainer): void {
    for (const cell of this.metrics.values()) {
      cell.reset();
      cell.value.reset();
    }
  };
}
