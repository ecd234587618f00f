import { type PublisherConfiguration, readConfiguration } from "./configuration";
import { createHandler, type PublisherTopic } from "./handler";
import { openPubSubTopic } from "./pubsub-topic";
import { parseServiceAccountKey } from "./service-account-key";

/** Entry point of the Lambda function: `index.handler`. */
export const handler = createHandler({
  openTopic: () => openConfiguredTopic(readConfiguration(process.env)),
  log: (line) => console.error(JSON.stringify(line)),
});

async function openConfiguredTopic(configuration: PublisherConfiguration): Promise<PublisherTopic> {
  const { credentials } = configuration;
  if (credentials.kind === "application-default") return openPubSubTopic(configuration);
  const text = await readSecret(credentials.secretId);
  return openPubSubTopic(configuration, parseServiceAccountKey(text, credentials.secretId));
}

/** The AWS SDK is part of the Lambda runtime: it is not in the bundle, and loaded only if a secret is asked for. */
async function readSecret(secretId: string): Promise<string> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({});
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? "";
  } finally {
    client.destroy();
  }
}
