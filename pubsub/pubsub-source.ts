import { Duration, PubSub } from "@google-cloud/pubsub";
import type { ChangeSource } from "./change-source";
import { reachSubscription, readSubscription } from "./check-subscription";
import { collectWindows, type WindowOptions } from "./message-windows";
import { type Reach, type ReachEvent, watchReach } from "./reach";
import { subscriptionName } from "./subscription-name";

/** Plain data. */
export interface PubSubSourceOptions extends WindowOptions {
  readonly project: string;
  /** `name` or `projects/<project>/subscriptions/<name>`. */
  readonly subscription: string;
}

/**
 * How long the client keeps a message leased while its window waits and runs: as long as a subscription keeps messages by
 * default. What the client drops from its leases no longer counts as outstanding, though its window still holds it: in an
 * outage of Spanner that is longer than this, two windows more would be pulled into memory each time.
 */
const MAX_LEASE_SECONDS = 7 * 24 * 3600;

/**
 * The shortest lease. The client's own of 10 seconds must be renewed each few seconds for every message that is held:
 * where that comes late, in a busy process or for tens of thousands of messages, all of them are delivered again, their
 * acknowledgements are void, and a stream with a backlog goes round in circles. A process that dies leaves its messages
 * leased for as long as this.
 */
const LEASE_SECONDS = 60;

/**
 * Flow control holds for each stream of messages by itself: what more of them deliver waits in the client, leased and out
 * of sight. Pub/Sub gives 10 MB/s to each (https://cloud.google.com/pubsub/quotas).
 */
const MAX_STREAMS = 2;

/** By default the client waits for up to a minute before it opens a stream of messages again. */
const RECONNECT_SECONDS = 10;

/** By default the client waits for as long as a lease may last to give messages back, even where Pub/Sub is gone. */
const CLOSE_SECONDS = 10;

/** While one window runs, the next one collects: both count as outstanding. */
const WINDOWS_HELD = 2;

export interface OpenedSubscription {
  readonly source: ChangeSource;
  readonly reach: Pick<Reach, "lostSince" | "silentAt">;
  /** `projects/…/subscriptions/…` */
  readonly name: string;
  /** How long an unacknowledged message is kept; undefined if the account in use may not see it. */
  readonly retentionSeconds: number | undefined;
}

/**
 * Looks at a subscription that others will pull from.
 * @returns how long it keeps an unacknowledged message, in seconds; undefined if the account in use may not see it
 * @throws MigrationError E_PUBSUB_… if it can't be used
 */
export async function inspectSubscription(project: string, name: string): Promise<number | undefined> {
  const pubsub = new PubSub({ projectId: project });
  try {
    return (await readSubscription(pubsub, name))?.retentionSeconds;
  } finally {
    await pubsub.close();
  }
}

/**
 * Pulls messages from a Pub/Sub subscription under flow control, and extends their leases while they are held.
 * @param onReach is told when Pub/Sub is out of reach, and when it is back
 * @throws MigrationError E_PUBSUB_… if the subscription can't be used
 */
export async function openPubSubSource(
  options: PubSubSourceOptions,
  onReach: (event: ReachEvent) => void,
): Promise<OpenedSubscription> {
  const name = subscriptionName(options.project, options.subscription);
  const pubsub = new PubSub({ projectId: options.project });
  let retentionSeconds: number | undefined;
  try {
    retentionSeconds = (await readSubscription(pubsub, name))?.retentionSeconds;
  } catch (error) {
    await pubsub.close();
    throw error;
  }
  const subscription = pubsub.subscription(name, {
    flowControl: {
      maxMessages: options.maxMessages * WINDOWS_HELD,
      maxBytes: options.maxBytes * WINDOWS_HELD,
      allowExcessMessages: false,
    },
    streamingOptions: { maxStreams: MAX_STREAMS, retryMaxBackoff: Duration.from({ seconds: RECONNECT_SECONDS }) },
    minAckDeadline: Duration.from({ seconds: LEASE_SECONDS }),
    maxExtensionTime: Duration.from({ seconds: MAX_LEASE_SECONDS }),
    closeOptions: { timeout: Duration.from({ seconds: CLOSE_SECONDS }) },
  });
  const reach = watchReach(() => reachSubscription(pubsub, name), onReach);
  subscription.on("message", reach.heard);
  const source = collectWindows(
    {
      on: (event, listener) => subscription.on(event as "message", listener as () => void),
      lastSilence: reach.lastSilence,
      close: async () => {
        reach.stop();
        await subscription.close();
        await pubsub.close();
      },
    },
    name,
    options,
  );
  return { source, reach, name, retentionSeconds };
}
