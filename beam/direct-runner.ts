import "apache-beam";
import { Pipeline } from "apache-beam/internal/pipeline";
import { Root } from "apache-beam/pvalue";
import { directRunner } from "apache-beam/runners/direct_runner";
import { aggregateMetrics, MetricsShortIdCache } from "apache-beam/worker/metrics";
import type { BundleProcessor } from "apache-beam/worker/worker";
import { BundleRun, withBundleRun } from "./bundle-run";
import { installDirectImpulse } from "./direct-impulse";
import type { Counters, Job, Launcher, PipelineBuilder } from "./launcher";
import "./patches";

installDirectImpulse();

/**
 * Runs pipelines in this process, single-threaded and as one bundle. An error of a step arrives at `wait()` as it was
 * thrown: the same object. Counters are read from the running bundle, so they may be asked for at any time.
 */
export const directLauncher: Launcher = { launch: launchDirect };

/** Builds a pipeline and runs it on the direct runner to its end. Rejects with the error that ended it. */
export async function runDirect(build: PipelineBuilder): Promise<{ readonly counters: Counters }> {
  const job = await launchDirect(build);
  await job.wait();
  return { counters: await job.counters() };
}

async function launchDirect(build: PipelineBuilder): Promise<Job> {
  const pipeline = new Pipeline();
  await build(new Root(pipeline));
  const run = new BundleRun();
  const result = withBundleRun(run, () => directRunner().runPipeline(pipeline.getProto()));
  // Whoever calls wait() gets the error; if it comes before that call, it is not an unhandled rejection.
  result.catch(() => undefined);
  return {
    async wait() {
      await result;
    },
    async counters() {
      return readCounters(run.bundles);
    },
    async cancel(reason) {
      run.cancel(reason);
    },
  };
}

/** What the SDK's own result does after the end (runners/direct_runner.js:275), on bundles that may be running. */
function readCounters(bundles: readonly BundleProcessor[]): Counters {
  const infos = bundles.flatMap((bundle) => {
    const ids = new MetricsShortIdCache();
    return [...bundle.monitoringData(ids)].map(([id, payload]) => ids.asMonitoringInfo(id, payload));
  });
  return Object.fromEntries(aggregateMetrics(infos, "beam:metric:user:sum_int64:v1"));
}
