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

export interface TopicName {
  readonly project: string;
  /** Full name, `projects/PROJECT/topics/TOPIC`. */
  readonly topic: string;
}

export interface PublisherConfiguration extends TopicName {
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
    ...parseTopic(environment["PUBSUB_TOPIC"] ?? "", environment, "The environment variable PUBSUB_TOPIC"),
    credentials: secretId === "" ? { kind: "application-default" } : { kind: "secret", secretId },
  };
}

/**
 * The full name of a topic that is given by its full or its short name; the project of a short one is that of
 * GOOGLE_CLOUD_PROJECT.
 *
 * @param setting what to call the topic's setting at the start of a message.
 * @throws MigrationError E_LAMBDA_CONFIGURATION
 */
export function parseTopic(topic: string, environment: Environment, setting: string): TopicName {
  if (topic === "") {
    throw invalid(`${setting} is not set; it must name the topic, as projects/PROJECT/topics/TOPIC.`);
  }
  const [, project = environment["GOOGLE_CLOUD_PROJECT"] ?? "", name = topic] = fullTopicName.exec(topic) ?? [];
  if (!shortTopicName.test(name)) {
    throw invalid(
      `${setting} is ${JSON.stringify(topic)}, which is neither projects/PROJECT/topics/TOPIC nor the name of a topic.`,
    );
  }
  if (project === "") {
    throw invalid(`${setting} is ${JSON.stringify(topic)}, without a project, and GOOGLE_CLOUD_PROJECT is not set.`);
  }
  return { project, topic: `projects/${project}/topics/${name}` };
}

function invalid(message: string): MigrationError {
  return new MigrationError("E_LAMBDA_CONFIGURATION", message);
}
