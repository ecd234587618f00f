import type { Job } from "../beam/launcher";
import { inspectSubscription } from "../pubsub/pubsub-source";
import { subscriptionName } from "../pubsub/subscription-name";
import { DEFAULT_RETRY_MILLISECONDS } from "../spanner/transient-retry";
import { type ChangeCounts, noChanges } from "../transforms/change-ledger";
import { readPubSubNatively } from "../transforms/read-pubsub-native";
import { countsOf } from "./counts-of";
import { openDataflowLauncher } from "./dataflow-runner";
import { reportFailure } from "./failure";
import { log } from "./log";
import { stopOnSignals } from "./stop-on-signals";
import { createStreamPipeline, metered, type StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import type { StreamEnd, StreamEvents } from "./stream-end";
import { onWorkers, type WorkerWaits, workersState } from "./stream-on-workers";
import { showCountedProgress } from "./stream-progress";

/** The service's own counters are some half a minute behind in any case. */
const COUNT_MILLISECONDS = 30_000;

const WAITS: WorkerWaits = {
  // A worker has only so many bundles at once. Unlike on the direct runner a change can't be given back to the subscription,
  // for Dataflow acknowledges by itself.
  mostParentWaitSeconds: 60,
  // Longer than here, where the user is told in between; then Dataflow tries the bundle again, for ever.
  retryMilliseconds: DEFAULT_RETRY_MILLISECONDS,
};

/**
 * Applies changes in a job of its own on Dataflow, until it is drained.
 * @returns undefined if the job has been left to itself (`--no-wait`)
 */
export async function streamOnDataflow(
  argv: StreamArguments,
  config: StreamConfig,
  events: StreamEvents,
): Promise<StreamEnd | undefined> {
  const subscription = subscriptionName(argv.project, argv.subscription);
  events.check(await inspectSubscription(argv.project, subscription));
  log.info(`Applying changes of ${config.plan.source.table} from ${argv.subscription}`);
  const job = await openDataflowLauncher(argv, config.runId, argv.update ? "update" : "streaming").launch(
    createStreamPipeline(onWorkers(config, WAITS), readPubSubNatively(subscription), metered(config.runId)),
  );
  const counts = noChanges();
  events.begin(workersState(argv, counts, argv.wait));
  if (!argv.wait) {
    log.info("The job goes on by itself. Stop it by draining it, never by cancelling: see docs/dataflow.md.");
    return undefined;
  }
  const failure = await untilDrained(job, counts, argv.quiet);
  if (failure !== undefined) {
    log.warn("If the job was not drained, changes that it had read may be missing: `verify --repair` mends them.");
  }
  return { failure, counts, windows: null, exact: false };
}

/**
 * @param counts is kept up
 * @returns the error that ended the job; undefined if it was drained, here or by somebody else
 */
async function untilDrained(job: Job, counts: ChangeCounts, quiet: boolean): Promise<unknown> {
  const drained = new Error("drained");
  const release = stopOnSignals((signal) => {
    log.warn(`${signal}: draining the job; once more leaves it to itself`);
    job.cancel(drained).catch(reportFailure);
  });
  const count = async () => {
    Object.assign(counts, countsOf(await job.counters()));
  };
  // What is shown stays as it was while the service does not answer; its end is the business of `wait`.
  const counting = setInterval(() => void count().catch(() => undefined), COUNT_MILLISECONDS);
  const hideProgress = showCountedProgress(counts, quiet);
  try {
    await job.wait();
    return undefined;
  } catch (error) {
    return error === drained ? undefined : error;
  } finally {
    await count().catch((error: Error) => log.warn(`the counts may be too low: ${error.message}`));
    hideProgress();
    clearInterval(counting);
    release();
  }
}
