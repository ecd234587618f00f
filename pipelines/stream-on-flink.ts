import { javaWorker } from "../beam/flink-launcher";
import { launchUnbounded, type UnboundedOptions } from "../beam/flink-unbounded";
import type { Job } from "../beam/launcher";
import type { ErrorCode } from "../errors/codes";
import { MigrationError } from "../errors/migration-error";
import { inspectSubscription } from "../pubsub/pubsub-source";
import { subscriptionName } from "../pubsub/subscription-name";
import { type ChangeCounts, noChanges } from "../transforms/change-ledger";
import { readPubSub } from "../transforms/read-pubsub";
import { countsOf } from "./counts-of";
import { log } from "./log";
import { isOutage } from "./outage";
import { stopOnSignals } from "./stop-on-signals";
import { createStreamPipeline, metered, type StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import type { StreamEnd, StreamEvents } from "./stream-end";
import { onWorkers, type WorkerWaits, workersState } from "./stream-on-workers";
import { showCountedProgress } from "./stream-progress";
import { workerVariables } from "./worker-variables";

/** Flink renews counters every ten seconds (metrics.fetcher.update-interval); asking more often tells nothing. */
const COUNT_MILLISECONDS = 5_000;

const WAITS: WorkerWaits = {
  // A checkpoint waits with its bundle. Another worker, that brings the row, may only just be starting.
  mostParentWaitSeconds: 30,
  // A shorter outage is waited for; else the job starts again from its checkpoint.
  retryMilliseconds: 300_000,
};

/** Applies changes on a Flink cluster, until it is told to stop. The job goes on if this process dies. */
export async function streamOnFlink(
  argv: StreamArguments,
  config: StreamConfig,
  events: StreamEvents,
): Promise<StreamEnd> {
  const subscription = subscriptionName(argv.project, argv.subscription);
  events.check(await inspectSubscription(argv.project, subscription));
  const build = createStreamPipeline(
    onWorkers(config, WAITS),
    readPubSub(subscription, argv.expansionService),
    metered(config.runId),
  );
  const options = jobOptions(argv, config.runId);
  log.info(`Applying changes of ${config.plan.source.table} from ${argv.subscription} as Flink job ${options.jobName}`);
  const job = await launchUnbounded(build, options, { endsJob, onReach: (error) => reportReach(argv, error) });
  const counts = noChanges();
  events.begin(workersState(argv, counts, true));
  const failure = await waitForEnd(job, counts, argv);
  return { failure, counts, windows: null, exact: false };
}

function jobOptions(argv: StreamArguments, runId: string): UnboundedOptions {
  const { jobEndpoint, flinkMaster, parallelism, workerCommand, checkpointInterval, window } = argv;
  return {
    ...{ jobEndpoint, flinkMaster, parallelism, workerCommand },
    workerPool: argv.workerEnvironment === "external" ? argv.workerPool : undefined,
    jobName: `dynamodb-to-spanner-stream-${runId}`,
    workerEnvironment: workerVariables(),
    checkpointMilliseconds: Math.round(checkpointInterval * 1000),
    bundleMilliseconds: Math.round(Math.min(window, checkpointInterval) * 1000),
    bundleElements: argv.windowMessages,
    javaSteps: argv.javaJars === undefined ? "embedded" : javaWorker(workerCommand, argv.javaJars),
    pipelineOptions: pubSubOptions(),
  };
}

/** Beam's Java SDK knows nothing of the emulator's environment variable (PubsubOptions.java, GcpOptions.java). */
function pubSubOptions(): Readonly<Record<string, string>> {
  const emulator = process.env["PUBSUB_EMULATOR_HOST"] ?? "";
  if (emulator === "") return {};
  return {
    pubsub_root_url: `http://${emulator}`,
    credential_factory_class: "org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory",
  };
}

/** Of what is no fault of a step or its target. */
const STARTS_AGAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["E_WORKER_LOST", "E_FLINK_JOB_FAILED"]);

/** A worker or TaskManager that is lost, or a Spanner that is out of reach, is what checkpoints are for. */
function endsJob(error: Error): boolean {
  if (!isOutage(error) && !(error instanceof MigrationError && STARTS_AGAIN.has(error.code))) return true;
  log.warn(`${error.message}. No change is lost; Flink starts the job again from its last checkpoint.`);
  return false;
}

function reportReach({ flinkMaster }: StreamArguments, error: Error | undefined): void {
  if (error === undefined) log.info(`Flink at ${flinkMaster} answers again`);
  else log.warn(`${error.message}. The job goes on without this process; trying on.`);
}

/** @returns the error that ended the job; undefined if it was stopped on purpose */
async function waitForEnd(job: Job, counts: ChangeCounts, { stopWhenIdle, quiet }: StreamArguments): Promise<unknown> {
  const stopped = new Error("stopped");
  let lastChange = performance.now();
  const look = async () => {
    const before = counts.read;
    Object.assign(counts, countsOf(await job.counters()));
    if (counts.read > before) lastChange = performance.now();
    if (stopWhenIdle !== undefined && performance.now() - lastChange >= stopWhenIdle * 1000) await job.cancel(stopped);
  };
  const release = stopOnSignals((signal) => {
    log.warn(`${signal}: cancelling the job; what is not committed stays in the subscription. Once more ends at once`);
    void look().finally(() => job.cancel(stopped));
  });
  const looking = setInterval(() => void look(), COUNT_MILLISECONDS);
  const hideProgress = showCountedProgress(counts, quiet);
  try {
    await job.wait();
    return undefined;
  } catch (error) {
    return error === stopped ? undefined : error;
  } finally {
    hideProgress();
    clearInterval(looking);
    release();
  }
}
