import { z } from "zod";

/** What Pub/Sub keeps for a subscription, as Cloud Monitoring knows it. */
export interface Backlog {
  /** Messages that are not acknowledged. */
  readonly undelivered: number;
  /** Age of the oldest of them, in seconds. */
  readonly oldestSeconds: number;
  /** When it was measured: RFC 3339. Minutes ago, as a rule. */
  readonly at: string;
}

export interface MonitoringPlace {
  /** Address of the API. */
  readonly endpoint: string;
  /** Headers that show who asks. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

const TIMEOUT_MILLISECONDS = 10_000;

/** Sampled every minute, and visible up to four minutes later (https://cloud.google.com/monitoring/api/metrics_gcp_p_z). */
const LOOK_BACK_MILLISECONDS = 10 * 60_000;

const METRICS = {
  undelivered: "pubsub.googleapis.com/subscription/num_undelivered_messages",
  oldest: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
} as const;

/** https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list; the newest point comes first. */
const answerSchema = z.object({
  timeSeries: z
    .array(
      z.object({
        points: z.array(
          z.object({ interval: z.object({ endTime: z.string() }), value: z.object({ int64Value: z.string() }) }),
        ),
      }),
    )
    .optional(),
});

/**
 * Asks Cloud Monitoring for a subscription's backlog; Pub/Sub itself does not tell.
 * @param name `projects/…/subscriptions/…`
 * @returns undefined if nothing was measured in the last ten minutes
 * @throws Error within some 20 seconds, for whatever hinders it: for a person to read
 */
export async function readBacklog(name: string, place: MonitoringPlace, now: Date): Promise<Backlog | undefined> {
  const [undelivered, oldest] = await Promise.all([
    newestPoint(name, METRICS.undelivered, place, now),
    newestPoint(name, METRICS.oldest, place, now),
  ]);
  if (undelivered === undefined || oldest === undefined) return undefined;
  return { undelivered: undelivered.value, oldestSeconds: oldest.value, at: undelivered.at };
}

async function newestPoint(
  name: string,
  metric: string,
  { endpoint, headers }: MonitoringPlace,
  now: Date,
): Promise<{ readonly value: number; readonly at: string } | undefined> {
  const [, project = "", , subscription = ""] = name.split("/");
  const query = new URLSearchParams({
    filter: `metric.type = "${metric}" AND resource.labels.subscription_id = "${subscription}"`,
    "interval.startTime": new Date(now.getTime() - LOOK_BACK_MILLISECONDS).toISOString(),
    "interval.endTime": now.toISOString(),
  });
  const response = await fetch(`${endpoint}/v3/projects/${encodeURIComponent(project)}/timeSeries?${query}`, {
    headers: await headers(),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cloud Monitoring answers ${response.status}: ${reasonIn(text)}`);
  const point = answerSchema.parse(JSON.parse(text)).timeSeries?.[0]?.points[0];
  return point === undefined ? undefined : { value: Number(point.value.int64Value), at: point.interval.endTime };
}

/** Google's APIs say what is wrong in `error.message`. */
function reasonIn(text: string): string {
  try {
    return z.object({ error: z.object({ message: z.string() }) }).parse(JSON.parse(text)).error.message;
  } catch {
    return text.slice(0, 200);
  }
}
