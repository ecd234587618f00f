import { MigrationError } from "../errors/migration-error";

/**
 * The full name of a subscription that may be given by its own name alone.
 * @throws MigrationError E_USAGE for what is neither
 */
export function subscriptionName(project: string, subscription: string): string {
  if (/^projects\/[^/]+\/subscriptions\/[^/]+$/.test(subscription)) return subscription;
  if (/^[A-Za-z][\w.~+%-]{2,254}$/.test(subscription)) return `projects/${project}/subscriptions/${subscription}`;
  throw new MigrationError(
    "E_USAGE",
    `--subscription ${subscription}: give its name, or projects/<project>/subscriptions/<name>`,
  );
}
