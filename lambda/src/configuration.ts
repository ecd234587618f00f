import { MigrationError } from "../../errors/migration-error";

/** Where the Google credentials come from. */
export type CredentialsSource =
  /**
   * Application Default Credentials: on Lambda the external account configuration (Workload Identity Federation) that
   * GOOGLE_APPLICATION_CREDENTIALS points at. It holds no secret.
   */
  | { readonly kind: "application-default" }
  /** A service account's key, kept in AWS Secrets Manager. */
  | { readonly kind: "secret"; readonly secretId: string };

export interface PublisherConfiguration {
  readonly project: string;
  /** Full name, `projects/PROJECT/topics/TOPIC`. */
  readonly topic: string;
  readonly credentials: CredentialsSource;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const fullTopicName = /^projects\/([^/]+)\/topics\/([^/]+)$/;
/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const shortTopicName = /^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

/**
 * Reads what the function needs from its environment: PUBSUB_TOPIC, GOOGLE_CLOUD_PROJECT (only for a short topic name)
 * and GOOGLE_CREDENTIALS_SECRET (optional).
 *
 * @throws MigrationError E_LAMBDA_CONFIGURATION, naming the variable.
 */
export function readConfiguration(environment: Environment): PublisherConfiguration {
  const secretId = environment["GOOGLE_CREDENTIALS_SECRET"] ?? "";
  return {
    ...readTopic(environment),
    credentials: secretId === "" ? { kind: "application-default" } : { kind: "secret", secretId },
  };
}

function readTopic(environment: Environment): { readonly project: string; readonly topic: string } {
  const topic = environment["PUBSUB_TOPIC"] ?? "";
  if (topic === "") {
    throw new MigrationError(
      "E_LAMBDA_CONFIGURATION",
      "The environment variable PUBSUB_TOPIC is not set; it must name the topic, as projects/PROJECT/topics/TOPIC.",
    );
  }
  const fullName = fullTopicName.exec(topic);
  const [, project = environment["GOOGLE_CLOUD_PROJECT"] ?? "", name = topic] = fullName ?? [];
  if (!shortTopicName.test(name)) {
    throw new MigrationError(
      "E_LAMBDA_CONFIGURATION",
      `The environment variable PUBSUB_TOPIC is ${JSON.stringify(topic)}, which is neither projects/PROJECT/topics/TOPIC ` +
        "nor the name of a topic.",
    );
  }
  if (project === "") {
    throw new MigrationError(
      "E_LAMBDA_CONFIGURATION",
      `The environment variable PUBSUB_TOPIC is ${JSON.stringify(topic)}, without a project, and GOOGLE_CLOUD_PROJECT is ` +
        "not set.",
    );
  }
  return { project, topic: `projects/${project}/topics/${name}` };
}
