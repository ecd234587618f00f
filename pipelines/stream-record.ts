import { RECONNECT_MILLISECONDS } from "../pubsub/message-windows";
import type { OpenedSubscription } from "../pubsub/pubsub-source";
import type { StreamFlow } from "../schema/run-record";
import { openFolder } from "../storage/open-folder";
import type { RunState } from "./run-recorder";
import type { StreamArguments } from "./stream-command";
import type { StreamTotal } from "./stream-windows";

/** What a stream tells of itself. */
export interface StreamRunState {
  /** While it goes on and at its end. */
  state(): RunState;
  /** To be called when it takes no more messages, before the subscription is closed: from then on time does not count. */
  ends(): void;
}

export function streamRunState(argv: StreamArguments, opened: OpenedSubscription, total: StreamTotal): StreamRunState {
  const openedAt = Date.now();
  const deadLetters = openFolder(argv.deadLetters).url;
  let atEnd: StreamFlow | undefined;
  return {
    state: () => ({
      done: total.counts.read,
      counts: { ...total.counts, written: total.counts.applied, windows: total.windows },
      runner: argv.runner,
      deadLetters,
      flow: atEnd ?? streamFlow(opened, total, openedAt, Date.now()),
    }),
    ends() {
      atEnd = streamFlow(opened, total, openedAt, Date.now());
    },
  };
}

/** @param openedAt when the subscription was opened, and the time now: in milliseconds since 1970 */
export function streamFlow(
  { source, reach, name }: Pick<OpenedSubscription, "source" | "reach" | "name">,
  { published }: Pick<StreamTotal, "published">,
  openedAt: number,
  now: number,
): StreamFlow {
  const { count, oldestPublished } = source.held;
  // After a time without Pub/Sub, messages that it holds may still be on their way.
  const reachable = reach.silentAt === undefined ? openedAt : reach.silentAt + RECONNECT_MILLISECONDS;
  const quietSince = Math.max(openedAt, source.lastArrived ?? openedAt, reachable);
  return {
    subscription: name,
    held: count,
    oldestHeld: oldestPublished === undefined ? null : new Date(oldestPublished).toISOString(),
    oldestApplied: published.oldest ?? null,
    newestApplied: published.newest ?? null,
    quietSeconds: reach.lostSince === undefined ? Math.max(0, now - quietSince) / 1000 : 0,
    lostSince: reach.lostSince === undefined ? null : new Date(reach.lostSince).toISOString(),
  };
}
