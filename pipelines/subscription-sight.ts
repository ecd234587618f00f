import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { MigrationError } from "../errors/migration-error";
import type { StatusWarningCode } from "../errors/status-codes";
import type { SubscriptionSettings } from "../pubsub/check-subscription";
import { lookAtSubscription } from "../pubsub/look-at-subscription";
import type { RunRow } from "../schema/run-record";
import type { SpannerConnection } from "../spanner/connection";
import { writeRun } from "../spanner/run-store";
import type { SubscriptionSight } from "./gate-facts";
import { log } from "./log";

export interface StatusWarning {
  readonly code: StatusWarningCode;
  readonly message: string;
}

const SEVEN_DAYS = 7 * 24 * 3600;

/** Since when each subscription is known to have been there: by a look at it, by a stream of it, by its messages. */
export function subscriptionSights(runs: readonly RunRow[], named: string | undefined): readonly SubscriptionSight[] {
  const seen = new Map<string, string | null>();
  if (named !== undefined) seen.set(named, null);
  for (const { startedAt, details } of runs) {
    if (details.flow === undefined) continue;
    const { subscription, oldestApplied } = details.flow;
    for (const time of [startedAt, oldestApplied]) {
      const known = seen.get(subscription) ?? null;
      const earlier = known === null || (time !== null && Date.parse(time) < Date.parse(known)) ? time : known;
      seen.set(subscription, earlier);
    }
  }
  return [...seen].map(([name, seenSince]) => ({ name, seenSince }));
}

export interface SubscriptionCheck {
  readonly name: string;
  /** False if it can't be found or asked. */
  readonly there: boolean;
  readonly warnings: readonly StatusWarning[];
}

/** Looks at a subscription and says what in its set-up loses changes. */
export async function checkSubscriptionSettings(project: string, name: string): Promise<SubscriptionCheck> {
  try {
    const settings = await lookAtSubscription(project, name);
    return { name, there: true, warnings: settings === undefined ? [] : settingWarnings(name, settings) };
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    const warning = { code: "WARN_SUBSCRIPTION_NOT_FOUND", message: error.message } as const;
    return { name, there: false, warnings: [warning] };
  }
}

/** What in a subscription's set-up loses changes, or may. */
export function settingWarnings(name: string, settings: SubscriptionSettings): readonly StatusWarning[] {
  const { retentionSeconds, expiresAfterSeconds, filtered, deadLetterTopic, pull, ordering } = settings;
  const warnings: StatusWarning[] = [];
  const warn = (code: StatusWarningCode, what: string) => warnings.push({ code, message: `${name} ${what}` });
  if (!pull) warn("WARN_SUBSCRIPTION_PUSH", "does not let its messages be pulled");
  if (filtered) warn("WARN_SUBSCRIPTION_FILTER", "lets only some messages through, or changes them");
  if (deadLetterTopic) warn("WARN_SUBSCRIPTION_DEAD_LETTER_TOPIC", "gives messages up to a dead-letter topic");
  if (expiresAfterSeconds !== undefined) {
    warn("WARN_SUBSCRIPTION_EXPIRES", `is deleted after ${days(expiresAfterSeconds)} without a pull`);
  }
  if (retentionSeconds !== undefined && retentionSeconds < SEVEN_DAYS) {
    warn("WARN_SUBSCRIPTION_RETENTION", `keeps messages for ${days(retentionSeconds)}`);
  }
  if (!ordering) warn("WARN_SUBSCRIPTION_ORDER", "does not keep the order of messages");
  return warnings;
}

function days(seconds: number): string {
  return `${Math.round((seconds / 86_400) * 10) / 10} days`;
}

/** What a look at a subscription is recorded with. */
export interface SightIdentity {
  readonly name: string;
  readonly sourceTable: string;
  readonly mappingHash: string;
}

/**
 * Notes that a subscription is there, unless an earlier look did: Pub/Sub does not tell when it was made. A failure to do
 * so is a warning.
 */
export async function noteSight(
  connection: SpannerConnection,
  runs: readonly RunRow[],
  { name, sourceTable, mappingHash }: SightIdentity,
): Promise<boolean> {
  const runId = `subscription-${createHash("sha256").update(`${sourceTable}\n${name}`).digest("hex").slice(0, 24)}`;
  if (runs.some((run) => run.runId === runId)) return false;
  const flow = {
    subscription: name,
    ...{ held: 0, oldestHeld: null, oldestApplied: null, newestApplied: null, quietSeconds: 0, lostSince: null },
  };
  const details = { counts: {}, samples: [], rate: null, machine: hostname(), runner: "direct", flow };
  try {
    await writeRun(connection, {
      ...{ runId, command: "preflight", sourceTable, mappingHash, status: "seen", started: "begin", ended: true },
      details: { ...details, deadLetters: null, failure: null },
    });
    return true;
  } catch (error) {
    log.warn(`That ${name} is there could not be recorded: ${(error as Error).message}`);
    return false;
  }
}
