import { setTimeout as sleep } from "node:timers/promises";
import { directLauncher } from "../beam/direct-runner";
import type { ChangeSource, MessageWindow } from "../pubsub/change-source";
import { dropOldest, MAX_MESSAGES_REMEMBERED } from "../pubsub/drop-oldest";
import { type ChangeCounts, closeChangeLedger, noChanges, openChangeLedger } from "../transforms/change-ledger";
import { dropWindow, putWindow, readWindow } from "../transforms/read-changes";
import { forgetStoredFiles } from "../transforms/write-dead-letters";
import { log } from "./log";
import { isOutage } from "./outage";
import { createStreamPipeline, type StreamConfig } from "./stream";
import { addCounts } from "./stream-summary";

/** Pause before a window that could not be applied is tried again. */
const RETRY_SECONDS = 5;

/** After so many seconds a change whose parent's row was missing is tried again. */
const PARENT_RETRY_SECONDS = 2;

/** What the windows of one stream add up to. */
export interface StreamTotal {
  /** A message that waits for its parent is counted once, in however many windows it is tried. */
  readonly counts: ChangeCounts;
  /**
   * Messages that wait for a parent, or waited when they were given back; at most {@link MAX_MESSAGES_REMEMBERED}. One that
   * is forgotten and comes again counts as another message.
   */
  readonly waiting: Set<string>;
  windows: number;
  /** The oldest and newest publish time of messages that are dealt with: RFC 3339, UTC. */
  readonly published: { oldest: string | undefined; newest: string | undefined };
}

export function emptyTotal(): StreamTotal {
  return { counts: noChanges(), waiting: new Set(), windows: 0, published: { oldest: undefined, newest: undefined } };
}

/**
 * Applies the windows of a source, one after the other, until the source ends. Each is applied to its end before the next
 * one is taken; while Spanner is out of reach it is tried again and again.
 * @param stopping aborted: a window that fails is not tried again
 * @throws whatever ends the stream; the messages of the window that failed are given back
 */
export async function applyWindows(
  source: ChangeSource,
  config: StreamConfig,
  total: StreamTotal,
  stopping: AbortSignal,
): Promise<void> {
  for (let window = await source.nextWindow(); window !== null; window = await source.nextWindow()) {
    total.windows++;
    await applyWindow(window, { ...config, runId: `${config.runId}-window-${total.windows}` }, total, stopping);
  }
}

/** Runs the pipeline over one window until it is through, then acknowledges its messages. */
async function applyWindow(
  window: MessageWindow,
  config: StreamConfig,
  total: StreamTotal,
  stopping: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      const { counts, waitingSince } = await runWindow(window, config);
      // Every change of the window is committed, was stale, or has a dead letter that is stored; the others wait.
      await window.acknowledge(new Set(waitingSince.keys()));
      window.keepWaiting(waitingSince, PARENT_RETRY_SECONDS);
      addWindow(total, window, counts, waitingSince);
      return;
    } catch (error) {
      if (isOutage(error) && !stopping.aborted) {
        log.warn(`${error.message}. No change is lost; trying again in ${RETRY_SECONDS} s.`);
        await sleep(RETRY_SECONDS * 1000, undefined, { signal: stopping }).catch(() => undefined);
        if (!stopping.aborted) continue;
      }
      window.giveBack();
      throw error;
    }
  }
}

/** A message that waited before was counted as read and as waiting then. */
function addWindow(
  total: StreamTotal,
  window: MessageWindow,
  counts: Readonly<ChangeCounts>,
  waitingSince: ReadonlyMap<string, string>,
): void {
  let again = 0;
  for (const { messageId, publishTime } of window.messages) {
    if (total.waiting.delete(messageId)) again++;
    if (!waitingSince.has(messageId)) notePublished(total, publishTime);
  }
  addCounts(total.counts, { ...counts, read: counts.read - again, waiting: counts.waiting - again });
  for (const messageId of waitingSince.keys()) total.waiting.add(messageId);
  dropOldest(total.waiting, MAX_MESSAGES_REMEMBERED);
}

/** Times of one form compare as text. */
function notePublished({ published }: StreamTotal, time: string): void {
  if (published.oldest === undefined || time < published.oldest) published.oldest = time;
  if (published.newest === undefined || time > published.newest) published.newest = time;
}

async function runWindow(window: MessageWindow, config: StreamConfig) {
  const { runId } = config;
  putWindow(runId, window.messages);
  try {
    const job = await directLauncher.launch(createStreamPipeline(config, (root) => root.apply(readWindow(runId))));
    await job.wait();
    const { total, waitingSince } = openChangeLedger(runId);
    return { counts: { ...total }, waitingSince };
  } finally {
    dropWindow(runId);
    closeChangeLedger(runId);
    forgetStoredFiles(runId);
  }
}
