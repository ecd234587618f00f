import type { PubSub } from "@google-cloud/pubsub";
import { MigrationError } from "../errors/migration-error";
import { pubSubError } from "./pubsub-error";

const CHECK_MILLISECONDS = 30_000;
const PERMISSION_DENIED = 7;

/**
 * Asks Pub/Sub for the subscription, so that a wrong name or missing credentials are found before anything is pulled.
 * A service account that may consume but not look (`roles/pubsub.subscriber` alone) passes.
 * @throws MigrationError E_PUBSUB_…, within half a minute
 */
export async function checkSubscription(pubsub: PubSub, name: string): Promise<void> {
  try {
    await withinTime(
      requireCredentials(pubsub),
      CHECK_MILLISECONDS,
      () =>
        new MigrationError(
          "E_PUBSUB_CREDENTIALS",
          `${name}: no credentials found within ${CHECK_MILLISECONDS / 1000} s`,
        ),
    );
    await withinTime(
      pubsub.subscription(name).getMetadata({ timeout: CHECK_MILLISECONDS, retry: null }),
      CHECK_MILLISECONDS,
      () => new MigrationError("E_PUBSUB_UNREACHABLE", `${name}: no answer within ${CHECK_MILLISECONDS / 1000} s`),
    );
  } catch (error) {
    if ((error as { readonly code?: number }).code === PERMISSION_DENIED) return;
    throw pubSubError(error, name);
  }
}

/**
 * Before the first request: the client prepares all its methods with it, and where credentials are missing each one that
 * is not called ends in an unhandled rejection, which ends the process.
 */
async function requireCredentials(pubsub: PubSub): Promise<void> {
  if (!pubsub.isEmulator) await pubsub.auth.getClient();
}

async function withinTime<Result>(work: Promise<Result>, milliseconds: number, late: () => Error): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
