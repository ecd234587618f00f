import type { PubSub } from "@google-cloud/pubsub";
import { MigrationError } from "../errors/migration-error";
import { withDeadline } from "../spanner/deadline";
import { isCredentialsError, pubSubError } from "./pubsub-error";

const CHECK_MILLISECONDS = 20_000;
const REACH_MILLISECONDS = 10_000;
const PERMISSION_DENIED = 7;

/** How a subscription is set up, as far as it matters to a migration. */
export interface SubscriptionSettings {
  /** How long a message that is not acknowledged is kept; undefined if Pub/Sub does not say. */
  readonly retentionSeconds: number | undefined;
  /** After so long without a pull it is deleted; undefined: never. */
  readonly expiresAfterSeconds: number | undefined;
  /** Whether it lets only some messages through, or changes them on the way. */
  readonly filtered: boolean;
  /** Whether it gives messages up after some deliveries. */
  readonly deadLetterTopic: boolean;
  /** Whether messages can be pulled. */
  readonly pull: boolean;
  readonly ordering: boolean;
}

/**
 * Asks Pub/Sub for the subscription, so that a wrong name or missing credentials are found before anything is pulled.
 * A service account that may consume but not look (`roles/pubsub.subscriber` alone) passes.
 * @returns undefined if it may not be seen
 * @throws MigrationError E_PUBSUB_…, within 40 seconds
 */
export async function readSubscription(pubsub: PubSub, name: string): Promise<SubscriptionSettings | undefined> {
  try {
    await withDeadline(
      requireCredentials(pubsub, name),
      CHECK_MILLISECONDS,
      () =>
        new MigrationError(
          "E_PUBSUB_CREDENTIALS",
          `${name}: no credentials found within ${CHECK_MILLISECONDS / 1000} s`,
        ),
    );
    const [metadata] = await withDeadline(
      pubsub.subscription(name).getMetadata({ timeout: CHECK_MILLISECONDS, retry: null }),
      CHECK_MILLISECONDS,
      () => new MigrationError("E_PUBSUB_UNREACHABLE", `${name}: no answer within ${CHECK_MILLISECONDS / 1000} s`),
    );
    const { bigqueryConfig, cloudStorageConfig, pushConfig } = metadata;
    return {
      retentionSeconds: secondsOf(metadata.messageRetentionDuration),
      expiresAfterSeconds: secondsOf(metadata.expirationPolicy?.ttl),
      filtered: (metadata.filter ?? "") !== "" || (metadata.messageTransforms ?? []).length > 0,
      deadLetterTopic: (metadata.deadLetterPolicy?.deadLetterTopic ?? "") !== "",
      pull: !bigqueryConfig && !cloudStorageConfig && !pushConfig?.pushEndpoint && metadata.detached !== true,
      ordering: metadata.enableMessageOrdering === true,
    };
  } catch (error) {
    if ((error as { readonly code?: number }).code === PERMISSION_DENIED) return undefined;
    throw pubSubError(error, name);
  }
}

function secondsOf(duration: { readonly seconds?: unknown } | null | undefined): number | undefined {
  const seconds = duration?.seconds;
  // Pub/Sub writes no 0, which the client then makes of a duration that is absent.
  return seconds === undefined || seconds === null || Number(seconds) === 0 ? undefined : Number(seconds);
}

/**
 * Asks Pub/Sub for the subscription, only to hear from it: whatever it says, it is there.
 * @throws MigrationError E_PUBSUB_UNREACHABLE if there is no answer within 10 seconds
 */
export async function reachSubscription(pubsub: PubSub, name: string): Promise<void> {
  try {
    await pubsub.subscription(name).getMetadata({ timeout: REACH_MILLISECONDS, retry: null });
  } catch (error) {
    const known = pubSubError(error, name);
    if (known.code === "E_PUBSUB_UNREACHABLE") throw known;
  }
}

/**
 * To be called before the first request: the client prepares all its methods with it, and where credentials are missing
 * each one that is not called ends in an unhandled rejection, which ends the process. Expired ones are found here too:
 * a request would try with them for as long as it may take.
 */
async function requireCredentials(pubsub: PubSub, name: string): Promise<void> {
  if (pubsub.isEmulator) return;
  const refuse = (cause: unknown) =>
    new MigrationError("E_PUBSUB_CREDENTIALS", `${name}: ${(cause as Error).message}`, { cause });
  const client = await pubsub.auth.getClient().catch((cause) => {
    throw refuse(cause);
  });
  await client.getRequestHeaders().catch((cause) => {
    // Without an answer from Google's token service it is for the request itself to tell what is wrong.
    if (isCredentialsError(cause)) throw refuse(cause);
  });
}
