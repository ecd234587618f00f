import { MigrationError } from "../../errors/migration-error";
import { dynamoDbLocalEnvironment, startDynamoDbLocal } from "./dynamodb-local";
import { startFakeGcsServer } from "./fake-gcs-server";
import { startPubSubEmulator } from "./pubsub-emulator";
import type { LocalServer } from "./server-process";
import { emulatorClientEnvironment } from "./spanner-database";
import { startSpannerEmulator } from "./spanner-emulator";

type Environment = Readonly<Record<string, string>>;

interface LocalServerKind {
  readonly name: string;
  start(): Promise<LocalServer>;
  /** The variables by which clients find the server and do without credentials. */
  environment(address: string): Environment;
}

/** Every local server of the project, in the order in which a user meets them. */
export const localServers = {
  spanner: {
    name: "Spanner emulator",
    start: startSpannerEmulator,
    environment: (address) => ({ SPANNER_EMULATOR_HOST: address, ...emulatorClientEnvironment }),
  },
  dynamodb: {
    name: "DynamoDB Local",
    start: startDynamoDbLocal,
    environment: (address) => ({
      AWS_ENDPOINT_URL_DYNAMODB: `http://${address}`,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: `http://${address}`,
      ...dynamoDbLocalEnvironment,
    }),
  },
  pubsub: {
    name: "Pub/Sub emulator",
    start: startPubSubEmulator,
    environment: (address) => ({ PUBSUB_EMULATOR_HOST: address, METADATA_SERVER_DETECTION: "none" }),
  },
  storage: {
    name: "Cloud Storage emulator",
    start: startFakeGcsServer,
    environment: (address) => ({ STORAGE_EMULATOR_HOST: `http://${address}` }),
  },
} as const satisfies Record<string, LocalServerKind>;

export type LocalServerName = keyof typeof localServers;

export interface RunningServers {
  /** By server; one that could not be had is absent. */
  readonly addresses: ReadonlyMap<LocalServerName, string>;
  /** What all of their clients need in their environment. */
  readonly environment: Environment;
  /** What could not be started, and why. */
  readonly missing: readonly { readonly server: LocalServerName; readonly error: MigrationError }[];
  stop(): Promise<void>;
}

/**
 * Starts the named servers at the same time. A server that this machine can't have is no error here but listed as
 * missing, for the others are useful without it.
 */
export async function startLocalServers(names: readonly LocalServerName[]): Promise<RunningServers> {
  const starts = await Promise.allSettled(names.map((name) => localServers[name].start()));
  const addresses = new Map<LocalServerName, string>();
  const missing: { server: LocalServerName; error: MigrationError }[] = [];
  const stops: (() => Promise<void>)[] = [];
  let unforeseen: unknown;
  for (const [index, start] of starts.entries()) {
    const server = names[index] as LocalServerName;
    if (start.status === "fulfilled") {
      addresses.set(server, start.value.address);
      stops.push(() => start.value.stop());
    } else if (start.reason instanceof MigrationError) {
      missing.push({ server, error: start.reason });
    } else {
      unforeseen = start.reason;
    }
  }
  const stop = async () => {
    await Promise.all(stops.map((stopServer) => stopServer()));
  };
  if (unforeseen !== undefined) {
    await stop();
    throw unforeseen;
  }
  const environments = [...addresses].map(([server, address]) => localServers[server].environment(address));
  return { addresses, environment: Object.assign({}, ...environments), missing, stop };
}
