import { type OpenedSubscription, openPubSubSource } from "../pubsub/pubsub-source";
import type { ReachEvent } from "../pubsub/reach";
import { formatDuration } from "./format-duration";
import { log } from "./log";
import { stopOnSignals } from "./stop-on-signals";
import type { StreamConfig } from "./stream";
import type { StreamArguments } from "./stream-command";
import type { StreamEnd, StreamEvents } from "./stream-end";
import { showStreamProgress } from "./stream-progress";
import { streamRunState } from "./stream-record";
import { applyWindows, emptyTotal, type StreamTotal } from "./stream-windows";

/** A window also closes at this size of its messages: 32 MB, some 100 MB in memory while it runs. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** Applies changes in this process, one window after the other, until it is told to stop. */
export async function streamHere(
  argv: StreamArguments,
  config: StreamConfig,
  events: StreamEvents,
): Promise<StreamEnd> {
  const opened = await openSource(argv);
  try {
    events.check(opened.retentionSeconds);
  } catch (error) {
    await opened.source.close();
    throw error;
  }
  const total = emptyTotal();
  const { state, ends } = streamRunState(argv, opened, total);
  events.begin(state);
  const failure = await applyUntilStopped(opened, config, total, argv, ends);
  return { failure, counts: total.counts, windows: total.windows, exact: true };
}

function openSource(argv: StreamArguments): Promise<OpenedSubscription> {
  const options = {
    project: argv.project,
    subscription: argv.subscription,
    windowMilliseconds: argv.window * 1000,
    maxMessages: argv.windowMessages,
    maxBytes: WINDOW_BYTES,
    idleMilliseconds: argv.stopWhenIdle === undefined ? undefined : argv.stopWhenIdle * 1000,
  };
  return openPubSubSource(options, reportReach);
}

function reportReach(event: ReachEvent): void {
  if (event.kind === "back") log.info(`Pub/Sub can be reached again, after ${formatDuration(event.seconds)}`);
  else {
    const since = event.lastAnswer.toISOString();
    log.warn(`Pub/Sub can't be reached since ${since} (${event.reason}). No change is lost; trying on.`);
  }
}

/**
 * Shows progress, stops at a signal, and closes the source.
 * @param ends is told when no more messages are taken
 * @returns the error that ended the stream; undefined if it was told to stop, or idle for long enough
 */
async function applyUntilStopped(
  opened: OpenedSubscription,
  config: StreamConfig,
  total: StreamTotal,
  { subscription, window, quiet }: StreamArguments,
  ends: () => void,
): Promise<unknown> {
  const { source } = opened;
  const stopping = new AbortController();
  const release = stopOnSignals((signal) => {
    log.warn(`${signal}: finishing the window that is being applied; once more ends at once`);
    stopping.abort();
    source.stop();
  });
  log.info(`Applying changes of ${config.plan.source.table} from ${subscription} in windows of ${window} s`);
  const hideProgress = showStreamProgress(opened, total, quiet);
  try {
    await applyWindows(source, config, total, stopping.signal);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    ends();
    hideProgress();
    // What is not acknowledged by now is given back; a failure to do so only delays its delivery.
    await source.close().catch((error: Error) => log.warn(`closing the subscription: ${error.message}`));
    release();
  }
}
